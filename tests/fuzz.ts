import { FIRST, fuzz } from "./fixtures/fuzz.ts";

// node tests/fuzz.ts [count] [first seed]: reads changed recipes and shows what is wrong with how they were read. The
// worst come first, those from seed 1 on are random.
const [count = String(2000 + 1 - FIRST), first = String(FIRST)] = process.argv.slice(2);
const { findings, ...rest } = await fuzz({ count: Number(count), first: Number(first) });
console.log(JSON.stringify(rest));
for (const { seed, problem } of findings) console.log(`seed ${seed}, ${problem}`);
process.exitCode = findings.length === 0 ? 0 : 1;
