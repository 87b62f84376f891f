// The trial that is chosen: its parameters, its figures, and how to run it again.

class Chosen {
  constructor(host, study, measures) {
    Object.assign(this, { host, study, measures });
    this.find = (name) => host.querySelector(`[data-part=${name}]`);
    host.hidden = false;
    this.find("command-box").hidden = !study.command;
    this.find("to-best").disabled = study.best === null;
    this.find("to-plateau").disabled = study.plateau === null;
    for (const name of ["python", "command"]) {
      this.find(`copy-${name}`).addEventListener("click", () => this.copy(name));
    }
  }

  show(trial) {
    const { study } = this;
    const number = fixed(study.numbers[trial], 0);
    const state = study.isDone(trial) ? "" : `, ${STATES[study.status[trial]]}`;
    const names = [[study.best, "best"], [study.plateau, "best plateau"]].filter(([it]) => it === trial).map(([, name]) => name);
    this.find("title").textContent = `Trial ${number}${names.length ? `, the ${names.join(" and ")}` : ""}${state}`;
    this.find("reason").textContent = study.reason(trial);
    this.find("reason").hidden = !study.reason(trial);
    const pair = (title, text, className = "") =>
      element("div", { className }, element("dt", {}, title), element("dd", { textContent: text }));
    const figures = study.isDone(trial)
      ? this.measures.map(({ name, title, text, values }) => pair(this.term(name, title), text(values[trial]))) : [];
    this.find("figures").replaceChildren(
      ...study.axes.map((axis) => pair(axis.name, axis.text(trial), "parameter")),
      ...figures,
      ...(study.isDone(trial) ? [pair("Digest begins with", study.digest(trial))] : []),
    );
    this.find("python").textContent = this.fill(study.python, trial, (axis) => `${axis.name}=${pythonText(axis.value(trial))}`, ", ");
    this.find("command").textContent = this.fill(study.command, trial, (axis) => `--set ${axis.name}=${shellText(axis.value(trial))}`, " ");
  }

  /** The name of a figure, which says what it means when it is pointed at. */
  term(name, title) {
    if (!(name in this.study.definitions)) return title;
    const term = element("span", { className: "term", tabIndex: 0, textContent: title });
    term.dataset.figure = name;
    return term;
  }

  fill(template, trial, word, between) {
    const words = this.study.axes.map(word).join(between);
    return template.replaceAll(/\{(parameters|settings)\}/g, () => words).replaceAll("{number}", () => String(this.study.numbers[trial]));
  }

  async copy(name) {
    const button = this.find(`copy-${name}`);
    const code = this.find(name);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
}

/** A value as Python writes it. */
function pythonText(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A value as a word of a shell. */
function shellText(value) {
  const text = String(value);
  return /^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
