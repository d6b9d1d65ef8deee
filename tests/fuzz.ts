import { fuzz } from "./fixtures/fuzz.ts";

// node tests/fuzz.ts [count] [first seed]: reads mutated recipes and shows what is wrong with how they were read.
const [count = "2000", first = "1"] = process.argv.slice(2);
const { findings, ...rest } = await fuzz({ count: Number(count), first: Number(first), limitMs: 2000 });
console.log(JSON.stringify(rest));
for (const { seed, recipe, problem } of findings) console.log(`seed ${seed}, ${recipe}: ${problem}`);
process.exitCode = findings.length === 0 ? 0 : 1;
