import { createRequire } from "node:module";

// Messages of two copies of google-protobuf can't be put into each other, so this is the copy that @pulumi/pulumi uses.
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

/** Protobuf's own message without content. */
export const { Empty } =
  require("google-protobuf/google/protobuf/empty_pb.js") as typeof import("google-protobuf/google/protobuf/empty_pb.js");

/** Protobuf's own message for a JSON object. */
export const { Struct } =
  require("google-protobuf/google/protobuf/struct_pb.js") as typeof import("google-protobuf/google/protobuf/struct_pb.js");
