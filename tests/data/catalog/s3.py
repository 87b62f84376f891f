"""A small server that speaks as much S3 as a catalog needs: objects in memory, with conditions."""

from __future__ import annotations

import hashlib
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree
from xml.sax.saxutils import escape

MADE = "2026-01-01T00:00:00.000Z"


class Server(ThreadingHTTPServer):
    """Serve one bucket; `faults` are statuses that the next requests that change something get."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.lock = threading.Lock()
        self.requests: list[str] = []
        self.faults: list[int] = []
        self.late_faults: list[int] = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


def tag(data):
    return f'"{hashlib.md5(data).hexdigest()}"'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or the client waits for the rest of it
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *parts):
        pass

    def _key(self):
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        _, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
        self.server.requests.append(f"{self.command} {key}")
        return key

    def _answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status, code):
        body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self._answer(status, body if self.command != "HEAD" else b"")

    def do_GET(self):
        key = self._key()
        if not key:
            return self._list()
        with self.server.lock:
            data = self.server.objects.get(key)
        if data is None:
            return self._refuse(404, "NoSuchKey")
        return self._answer(200, data, ETag=tag(data), Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")

    def do_PUT(self):
        key = self._key()
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.faults:
            return self._refuse(self.server.faults.pop(0), "Fault")
        with self.server.lock:
            there = self.server.objects.get(key)
            if self.headers.get("If-None-Match") == "*" and there is not None:
                return self._refuse(412, "PreconditionFailed")
            wanted = self.headers.get("If-Match")
            if wanted is not None and (there is None or wanted != tag(there)):
                return self._refuse(412, "PreconditionFailed")
            self.server.objects[key] = data
        if self.server.late_faults and key.endswith("manifest.json"):
            return self._refuse(self.server.late_faults.pop(0), "Fault")  # it was done all the same
        return self._answer(200, ETag=tag(data))

    def do_DELETE(self):
        key = self._key()
        with self.server.lock:
            self.server.objects.pop(key, None)
        self._answer(204)

    def do_POST(self):
        """Delete several objects."""
        self._key()
        body = ElementTree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        keys = [one.text or "" for one in body.iter() if one.tag.rpartition("}")[2] == "Key"]
        with self.server.lock:
            for key in keys:
                self.server.objects.pop(key, None)
        done = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{done}</DeleteResult>".encode())

    def _list(self):
        prefix, delimiter = self.query.get("prefix", ""), self.query.get("delimiter")
        with self.server.lock:
            keys = sorted(key for key in self.server.objects if key.startswith(prefix))
            sizes = {key: self.server.objects[key] for key in keys}
        folders = set()
        contents = []
        for key in keys:
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if found:
                folders.add(prefix + head + delimiter)
                continue
            data = sizes[key]
            contents.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{MADE}</LastModified>"
                f"<ETag>{escape(tag(data))}</ETag><Size>{len(data)}</Size></Contents>"
            )
        commons = "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(folders)
        )
        body = (
            f"<ListBucketResult><Name>b</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>"
            f"<KeyCount>{len(contents)}</KeyCount>{''.join(contents)}{commons}</ListBucketResult>"
        )
        self._answer(200, body.encode(), Content_Type="application/xml")
