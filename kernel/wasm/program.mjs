// A compiled strategy: a program that eyas/compiled wrote, bound to columns, deciding between bars in the kernel.

import { KernelError } from "./module.mjs";

/** @typedef {import("./module.mjs").Kernel} Kernel */
/** @typedef {import("./kernel.mjs").Account} Account */
/** @typedef {import("./kernel.mjs").History} History */
/**
 * A column of the program's own: a value a bar, or rows of its own of which `follow` says for each bar which is the
 * newest known (-1 for none).
 * @typedef {{series: ArrayLike<number>, follow?: ArrayLike<bigint> | null, title?: string}} Series
 */
/** @typedef {{times: ArrayLike<bigint>, follow?: ArrayLike<bigint> | null, title?: string}} Times */
/**
 * What is bound to a program: a bigint is a whole number, undefined what is not there yet.
 * @typedef {undefined | null | boolean | bigint | number | string | {level: [string, number]} | Series | Times} Value
 */

/** Hold a program and what it is bound to; it remembers from bar to bar what the strategy does. */
export class Program {
  /**
   * Read a program and bind values to it, in its order.
   * @param {Kernel} kernel @param {Uint8Array} bytes @param {Value[]} values
   */
  constructor(kernel, bytes, values) {
    const input = new Input();
    input.bytes(bytes);
    for (const value of values) put(kernel, input, value);
    kernel.inputBytes(input.whole());
    this.kernel = kernel;
    this.handle = kernel.ask("program_new");
  }

  /**
   * Take the bars from `first` up to `last` (exclusive) and decide on each. Return how many events came of them; throw
   * what Python would have raised, the account standing at that bar.
   * @param {Account} account @param {History} history @param {number} [first] @param {number} [last]
   * @returns {number}
   */
  run(account, history, first = 0, last = history.length) {
    const { kernel } = this;
    if (history.kernel !== kernel || account.kernel !== kernel) {
      throw new KernelError("the program lies in another kernel's memory");
    }
    return kernel.ask("program_run", account.handle, history.handle, this.handle, first, last);
  }

  /** Give the memory back; the program cannot be used after that. */
  free() {
    this.kernel.ask("program_free", this.handle);
  }
}

/** @param {Kernel} kernel @param {Input} input @param {Value} value */
function put(kernel, input, value) {
  /** @param {string} name */
  const code = (name) => input.int(BigInt(kernel.code("bound", name)));
  if (value === undefined) code("unset");
  else if (value === null) code("none");
  else if (typeof value === "boolean") code("bool"), input.int(value ? 1n : 0n);
  else if (typeof value === "bigint") code("int"), input.int(value);
  else if (typeof value === "number") code("float"), input.float(value);
  else if (typeof value === "string") code("text"), input.text(value);
  else if ("level" in value) code("level"), input.text(value.level[0]), input.float(value.level[1]);
  else {
    const isSeries = "series" in value;
    code(isSeries ? "series" : "times");
    input.text(value.title ?? "");
    if (isSeries) input.floats(value.series);
    else input.ints(value.times);
    if (value.follow) input.ints(value.follow);
    else input.int(-1n);
  }
}

/** Collect what the kernel reads: numbers of 8 bytes; texts, bytes and columns after their lengths. */
class Input {
  constructor() {
    /** @type {Uint8Array[]} */
    this.parts = [];
  }

  /** @param {bigint} value */
  int(value) {
    this.parts.push(new Uint8Array(BigInt64Array.of(value).buffer));
  }

  /** @param {number} value */
  float(value) {
    this.parts.push(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** @param {Uint8Array} bytes */
  bytes(bytes) {
    this.int(BigInt(bytes.length));
    this.parts.push(bytes);
  }

  /** @param {string} text */
  text(text) {
    this.bytes(new TextEncoder().encode(text));
  }

  /** @param {ArrayLike<number>} values */
  floats(values) {
    this.int(BigInt(values.length));
    this.parts.push(new Uint8Array(Float64Array.from(values).buffer));
  }

  /** @param {ArrayLike<bigint>} values */
  ints(values) {
    this.int(BigInt(values.length));
    this.parts.push(new Uint8Array(BigInt64Array.from(values).buffer));
  }

  /** @returns {Uint8Array} */
  whole() {
    const whole = new Uint8Array(this.parts.reduce((length, part) => length + part.length, 0));
    let place = 0;
    for (const part of this.parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  }
}
