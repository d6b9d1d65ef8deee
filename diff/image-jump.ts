import { imageName, shortName } from "../compose/convert/image-name.ts";
import type { Remark } from "./fields.ts";

interface Release {
  repository: string;
  tag: string;
  digest?: string;
  /** Numbers the tag begins with; empty where it has none, e.g. `latest`. */
  numbers: number[];
}

const STEPS = ["major", "minor", "patch"];

/** What a change of image means: how far the tag jumps, or that it is another image altogether. */
export function imageJump(before: string, after: string): Remark {
  const [old, now] = [releaseOf(before), releaseOf(after)];
  if (old.repository !== now.repository) {
    return { severity: "warning", note: "another image: see that it reads the data the old one wrote" };
  }
  if (old.tag === now.tag) {
    return { note: old.digest === now.digest ? "the same image, written otherwise" : "the same tag, pinned otherwise" };
  }
  const place = [0, 1, 2].find((index) => old.numbers[index] !== now.numbers[index]);
  if (old.numbers.length === 0 || now.numbers.length === 0) return { note: "the tags tell no version to compare" };
  if (place === undefined) return { note: "the same version in another variant" };
  if ((now.numbers[place] ?? 0) < (old.numbers[place] ?? 0)) {
    return { severity: "warning", note: "goes back: few apps read data of a newer version" };
  }
  const step = STEPS[place];
  return step === "major"
    ? { severity: "warning", note: "a major jump: read what the image's makers say about upgrading" }
    : { note: `a ${step} jump` };
}

function releaseOf(image: string): Release {
  const { name, tag = "latest", digest } = imageName(image);
  const version = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?/.exec(tag);
  const numbers = (version?.slice(1) ?? []).flatMap((part) => (part === undefined ? [] : [Number(part)]));
  return { repository: shortName(name), tag, digest, numbers };
}
