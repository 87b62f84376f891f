// Programs of compiled strategies, for test.mjs: what they refuse, and what a history has for them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Account, History } from "./kernel.mjs";
import { columnsOf, random } from "./market.mjs";
import { Program } from "./program.mjs";

/** @typedef {import("./kernel.mjs").Kernel} Kernel */

/** Test them in a kernel. @param {Kernel} kernel */
export function testPrograms(kernel) {
  describe("a program", () => {
    // tests/parity/ runs real ones; these do nothing, with one value bound.
    /** @param {number[]} step @returns {Uint8Array} */
    const programOf = (step) => {
      const shorts = [1, 0, 0, 1, 2, ...step, 0, 0, 0, 0, 0, 0, 0, 0];
      const rest = new Uint8Array(Uint16Array.from(shorts).buffer);
      return new Uint8Array([...new TextEncoder().encode("eyasprg1"), ...rest]);
    };
    const idle = programOf([4, 1, 0, 0]);
    const history = new History(kernel, columnsOf(random(5), 70));

    test("that asks for nothing leaves bars alone, whatever is bound to it", () => {
      const values = [undefined, null, true, 7n, 0.5, "text", { series: new Float64Array(70) }];
      const times = { times: [1n, 2n], follow: Array(70).fill(-1n), title: "days" };
      for (const value of [...values, times, { level: /** @type {[string, number]} */ (["price", 3]) }]) {
        const [decided, alone] = [new Account(kernel, 100), new Account(kernel, 100)];
        const program = new Program(kernel, idle, [value]);
        program.run(decided, history, 0, 30);
        program.run(decided, history, 30);
        alone.run(history);
        assert.deepEqual(decided.journal(), alone.journal());
        assert.equal(decided.equity().length, 70);
        [decided, alone, program].forEach((each) => each.free());
      }
    });

    const account = new Account(kernel, 100);
    const freed = new Program(kernel, idle, [null]);
    freed.free();
    const odd = new Program(kernel, idle, [{ series: [1, 2, 3] }]);
    /** @type {[string, () => unknown, RegExp][]} */
    const cases = [
      ["bytes that are none", () => new Program(kernel, idle.slice(1), [null]), /^these bytes are no program/],
      ["a value too few", () => new Program(kernel, idle, []), /^these bytes are no program/],
      ["a value too many", () => new Program(kernel, idle, [null, null]), /^these bytes are no program/],
      ["a level of no kind", () => new Program(kernel, idle, [{ level: ["moon", 1] }]), /^these bytes are no program/],
      ["powers", () => new Program(kernel, programOf([14, 1, 0, 0]), [2]), /runs in Python alone$/],
      ["one that was freed", () => freed.run(account, history), /^program \d+ was freed$/],
      ["a column of another length", () => odd.run(account, history), /^a column of the program is not of 70 bars$/],
      ["bars beyond the end", () => odd.run(account, history, 0, 71), /^there are no bars 0 to 71 in a history of 70/],
      ["times of another length", () => new History(kernel, { ...columnsOf(random(1), 3), closeTime: [1n] }), /^close/],
    ];
    for (const [name, misuse, sentence] of cases) {
      test(`refuses ${name}`, () => assert.throws(misuse, { name: "KernelError", message: sentence }));
    }
  });

  test("what bars have besides is seen", () => {
    const columns = columnsOf(random(3), 3);
    const rare = { given: [101.5, 101.5, NaN], funding: [NaN, NaN, 0.01] };
    const closeTime = Array.from(columns.time, (time) => time + 30_000_000_000n);
    const history = new History(kernel, { ...columns, closeTime, ...rare });
    const account = new Account(kernel, 1_000, { market_fill: "given_price", price_check: "off" });
    account.step(history, 0);
    account.open("buy", ["quantity", 1]);
    account.run(history, 1);
    const [, , filled, charged] = account.events();
    assert.deepEqual([filled.kind, filled.price], ["filled", "101.5"]);
    assert.equal(charged.cause, "funding");
    [account, history].forEach((each) => each.free());
  });
}
