// One instance of kernel.wasm: how to call it, and how to read what it answers. What the kernel knows by
// name (layouts, codes, rules) is read from the module, never copied here.

/** @typedef {{name: string, kind: string, width: number}} Field a field of a record, its type and width in bytes */
/** @typedef {Record<string, bigint>} Units a record's fields as the kernel keeps them */

/** Say why the kernel did not do what was asked; `refusal` names it where it was a refusal. */
export class KernelError extends Error {
  /** @param {string} message @param {string | null} [refusal] @param {unknown} [cause] */
  constructor(message, refusal = null, cause = undefined) {
    super(message, { cause });
    this.name = "KernelError";
    this.refusal = refusal;
  }
}

/** Hold one instance of the module. Once it has stopped on a broken law, it answers no more. */
export class Kernel {
  /**
   * Start a kernel from the bytes of kernel.wasm.
   * @param {BufferSource} bytes @returns {Promise<Kernel>}
   */
  static async load(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Kernel(instance.exports);
  }

  /** @param {Record<string, any>} exports */
  constructor(exports) {
    this.exports = exports;
    /** @type {KernelError | null} */
    this.broken = null;
    this.call("start");
    /** @type {Map<string, string[][]>} */
    const tables = new Map();
    for (const line of this.answerText(this.call("description")).trimEnd().split("\n")) {
      const [table, ...words] = line.split("\t");
      tables.set(table, [...(tables.get(table) ?? []), words]);
    }
    this.tables = tables;
    /** What each rule may be, by its name. */
    this.rules = new Map(this.table("rule").map(([name, allowed]) => [name, allowed]));
    /** @type {Map<string, Field[]>} */
    this.layouts = new Map();
    for (const layout of ["event", "ticket", "waiting"]) {
      const fields = this.table(layout).map(([name, kind, width]) => ({ name, kind, width: Number(width) }));
      this.layouts.set(layout, fields);
    }
    const coded = [...tables.keys()].filter((table) => table !== "rule" && !this.layouts.has(table));
    /** @type {Map<string, Map<number, string>>} names by code, by table */
    this.names = new Map(
      coded.map((table) => [table, new Map(this.table(table).map(([code, name]) => [Number(code), name]))]),
    );
    /** @type {Map<string, Map<string, number>>} codes by name, by table */
    this.codes = new Map(
      coded.map((table) => [table, new Map(this.table(table).map(([code, name]) => [name, Number(code)]))]),
    );
  }

  /** Return the rows of a table of the module. @param {string} name @returns {string[][]} */
  table(name) {
    const rows = this.tables.get(name);
    if (rows === undefined) throw new KernelError(`this kernel.wasm has no table ${name}: is it another version?`);
    return rows;
  }

  /**
   * Return the code of a name.
   * @param {string} table @param {string} name @returns {number}
   */
  code(table, name) {
    const code = this.codes.get(table)?.get(name);
    if (code !== undefined) return code;
    throw new KernelError(`${table} is one of ${this.table(table).map((row) => row[1]).join(", ")}, not ${name}`);
  }

  /**
   * Return the name of a code.
   * @param {string} table @param {number} code @returns {string}
   */
  name(table, code) {
    return this.names.get(table)?.get(code) ?? `${table} ${code}`;
  }

  /**
   * Call an export and return what it returns.
   * @param {string} name @param {...(number | bigint)} values @returns {number}
   */
  call(name, ...values) {
    if (this.broken !== null) throw this.broken;
    try {
      return this.exports[name](...values);
    } catch (error) {
      throw error instanceof WebAssembly.RuntimeError ? this.stopped(error) : error;
    }
  }

  /**
   * Call an export that fails with a number below zero, and throw its sentence when it does.
   * @param {string} name @param {...(number | bigint)} values @returns {number}
   */
  ask(name, ...values) {
    const result = this.call(name, ...values);
    return result >= 0 ? result : this.fail(result);
  }

  /** Throw the sentence in the answer. @param {number} code @returns {never} */
  fail(code) {
    const refusal = this.names.get("refusal")?.get(-code) ?? null;
    throw new KernelError(this.answerText(this.call("answer_length")), refusal);
  }

  /** Remember that the module has trapped, and on what. @param {Error} trap @returns {KernelError} */
  stopped(trap) {
    const { panic_pointer, panic_length } = this.exports;
    const law = this.text(panic_pointer(), panic_length()) || `${trap.message} (is there memory left?)`;
    this.broken = new KernelError(`the kernel has stopped, and what it held is lost: ${law}`, null, trap);
    return this.broken;
  }

  /**
   * Return a view of the module's memory, to be used before the next call: memory that grows empties views.
   * @param {number} pointer @param {number} length @returns {Uint8Array}
   */
  view(pointer, length) {
    return new Uint8Array(this.exports.memory.buffer, pointer >>> 0, length);
  }

  /** @param {number} pointer @param {number} length @returns {string} */
  text(pointer, length) {
    return new TextDecoder().decode(this.view(pointer, length));
  }

  /** Return the answer as text. @param {number} length @returns {string} */
  answerText(length) {
    return this.text(this.call("answer_pointer"), length);
  }

  /** Return a copy of the answer's bytes. @param {number} length @returns {Uint8Array<ArrayBuffer>} */
  answer(length) {
    return new Uint8Array(this.view(this.call("answer_pointer"), length));
  }

  /** Write the text that the next call reads. @param {string} text */
  input(text) {
    this.inputBytes(new TextEncoder().encode(text));
  }

  /** Write the bytes that the next call reads. @param {Uint8Array} bytes */
  inputBytes(bytes) {
    const pointer = this.call("input", bytes.length);
    this.view(pointer, bytes.length).set(bytes);
  }

  /**
   * Call an export that answers with records, and return them.
   * @param {string} layout @param {string} name @param {...number} values @returns {Units[]}
   */
  records(layout, name, ...values) {
    const view = new DataView(this.answer(this.ask(name, ...values)).buffer);
    const fields = this.layouts.get(layout) ?? [];
    const records = [];
    for (let place = 0; place < view.byteLength; ) {
      /** @type {Units} */
      const record = {};
      for (const field of fields) {
        record[field.name] = integer(view, place, field);
        place += field.width;
      }
      records.push(record);
    }
    return records;
  }

  /**
   * Call an export that answers with a float for each name of a table, and return them by name.
   * @param {string} table @param {string} name @param {...number} values @returns {Record<string, number>}
   */
  figures(table, name, ...values) {
    const floats = new Float64Array(this.answer(this.ask(name, ...values)).buffer);
    return Object.fromEntries(this.table(table).map((row, place) => [row[1], floats[place]]));
  }
}

/** @param {DataView} view @param {number} place @param {Field} field @returns {bigint} */
function integer(view, place, { kind, width }) {
  let units = 0n;
  for (let byte = width - 1; byte >= 0; byte -= 1) units = (units << 8n) | BigInt(view.getUint8(place + byte));
  return kind.startsWith("i") ? BigInt.asIntN(width * 8, units) : units;
}
