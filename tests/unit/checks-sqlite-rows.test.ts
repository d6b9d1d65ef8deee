import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { filledSqliteTables, type SqliteTable } from "../../checks/volumes/sqlite-rows.ts";

// Written by SQLite 3, pages of 512 bytes: tables of one row, of none, of many, without row numbers; then, in the log
// alone, one that gets a row and one that loses it.
const FILE = unpacked(
  "eNrtlk1PE1EUhu+59IMWkI+CVfy6qEgLCtPOTD9EPYIhcRI2KnFftIYGC9iMgbow8W/wG/gHmrhw78a1Lty4YaEbN7LwnqqlE82QnEmMpvO+Mzed2zfPTe477cy9O8s1t6oebTbqFVeZQgopxU2lhNAfhRgVh0rqM9JxDeJoSTH7AKLiJ02IPhHqn9LAYTehurR/gAOhj1BdJgkykQz7797+ZSJBz+Y4vKfLUfgGX+EL7MMn+PhjKtT/rlRBDyNzehjO6GFoQg+D43o4lqJ///7w+R8+/8P+w/5Dhf2HCvsP1X39J8VtAe9gD9bgBoyJffFG7IonevJP6qVhqjeWHh6Gebey+rjqmq6ZmEp2ztiu3X/r7tLCypJaWVhcXlKunakot7rjZqcSnUHLtZLeoNUO/raGN2i2g/HOYN7N93qD+XYw1hnMubm4N5hrB6OdQcM1Yt6g8SuYicTSY2Ngt4L1ykaTzqgnTDOZSnaxp5WstZKrlUbrjHiSNKPBW41avdJoqvVqM6u2a+7a5lNXNTa3aw8nZSydSoHZYmxu0NHjIegJvdQMxNLpNBRbsWp9y222BumJtqZ0OPz9h7//fjEt4AO8gl3YgftgwYj4LN6KPbGuv2gL+3teRHMBhH0EMPhWSemUfaUS0in5SvVKp+grFZdOwVcqJh3bVyoqHctXKiId01eqRzp5XykpHf8tVyAdw1fUf1yUBbyG53BdHIiX4pm+PFqYojZLfOMIAYp84zABCnzjEAFsvnGQABbfeIwAJt84QIA83/z+x/XKeZtvPEkAi288QQCTb0wTIIDwOAECbD+OEcDgG0ep/zLf/P4n9MoBNj+PigABbn48RwCDbzxLu1/mG88QoMQ3niZAkW88RYAC3/z+M7T7Zb5xigAlvvESAYp84yQBCnzjRQLYfOMFAlh843kCBBC//zm9slXgG2cJYPONVwgQQHiZAAG2H2cIEOAZhtMECPAGgVkCGHzz+y/olQPc+ibaBAjwBoEWAQK8v6FJAINvzNPul/nGHAFKfKNBgCLf1H9MV+7p/68Ir9Hul/nGeQKU+MarBCjyjWUCFPjGEgECCIsECPAv+h0TOomE",
);
const LOG = unpacked(
  "eNozr2drYtB9JMHAwMQABIzuO05qt8q/ncg4ZXeUT/SmFqAYM0gCJn6+ezHnJiuPaF6QIFjLKBihgBOIRWDp4tzeoqe7nspFgtIFI+NvBiAaBSMLMDMy8VcAAA1qHX4=",
);

test("tables with rows are told, in pages of every kind", () => {
  expect(named(filledSqliteTables(FILE))).toEqual(["bare", "many", "one"]);
});

test("what the log alone has counts, up to the last transaction that came to its end", () => {
  expect(named(filledSqliteTables(FILE, LOG))).toEqual(["bare", "many", "t3"]);
  expect(named(filledSqliteTables(FILE, LOG.subarray(0, -1)))).toEqual(["bare", "many", "one"]);
});

test.each(["", "SQLite format 3", "no database at all, and long enough to be taken for the header of one"])(
  "what is none has none: %s",
  (text) => {
    expect(filledSqliteTables(Buffer.from(text))).toEqual([]);
  },
);

test("one that is cut off has what can be read of it, and breaks nothing", () => {
  for (let end = 0; end < FILE.length; end += 97) filledSqliteTables(FILE.subarray(0, end));
});

const named = (tables: readonly SqliteTable[]) => tables.map(({ name }) => name).sort();

function unpacked(text: string): Buffer {
  return inflateSync(Buffer.from(text, "base64"));
}
