/** Bytes of the header of a file, of a log's own header, and of that of each frame (SQLite's file format, 1.3 and 4.1). */
const [HEADER, LOG_HEADER, FRAME_HEADER] = [100, 32, 24];
/** Kinds of pages: of a table, and of an index, which a table without row numbers is. */
const [TABLE_INNER, TABLE_LEAF, INDEX_INNER, INDEX_LEAF] = [5, 13, 2, 10];
/** Bytes of whole numbers in a record, by their serial type (2.1). */
const WIDTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** A table that has rows. */
export interface SqliteTable {
  name: string;
  rows: number;
  /** Number of its last row; 0 where its rows have none. */
  last: number;
}

/**
 * The tables of an SQLite database that have a row, as the file and its write-ahead log have them together. What is no
 * such database, or is cut off, has none: this only looks, and judges no file.
 */
export function filledSqliteTables(file: Buffer, log: Buffer = Buffer.alloc(0)): SqliteTable[] {
  try {
    const size = file.readUInt16BE(16);
    const pageSize = size === 1 ? 65_536 : size;
    const logged = committed(log, pageSize);
    const page = (number: number) => logged.get(number) ?? file.subarray((number - 1) * pageSize, number * pageSize);
    return tablesIn(page, 1)
      .map(({ name, root }) => ({ name, ...rowsBelow(page, root) }))
      .filter(({ rows }) => rows > 0);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

type Pages = (number: number) => Buffer;

/** The newest of each page in a log, up to the last transaction that came to its end. */
function committed(log: Buffer, pageSize: number): Map<number, Buffer> {
  const done = new Map<number, Buffer>();
  if (log.length < LOG_HEADER || log.readUInt32BE(8) !== pageSize) return done;
  const salts = log.subarray(16, 24);
  let open = new Map<number, Buffer>();
  for (let at = LOG_HEADER; at + FRAME_HEADER + pageSize <= log.length; at += FRAME_HEADER + pageSize) {
    if (!log.subarray(at + 8, at + 16).equals(salts)) break; // What a log that began anew has left.
    open.set(log.readUInt32BE(at), log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + pageSize));
    if (log.readUInt32BE(at + 4) === 0) continue;
    for (const [number, page] of open) done.set(number, page);
    open = new Map();
  }
  return done;
}

/** The schema, which is the table of page 1: type, name, table, root page and text of each thing. */
function tablesIn(page: Pages, number: number, depth = 0): { name: string; root: number }[] {
  const [bytes, start] = [page(number), number === 1 ? HEADER : 0];
  const kind = bytes.readUInt8(start);
  const cells = bytes.readUInt16BE(start + 3);
  const inner = kind === TABLE_INNER;
  if ((!inner && kind !== TABLE_LEAF) || depth > 10) return [];
  const places = Array.from({ length: cells }, (_, index) => bytes.readUInt16BE(start + (inner ? 12 : 8) + 2 * index));
  if (!inner) return places.flatMap((place) => tableOf(bytes, place));
  const below = [...places.map((place) => bytes.readUInt32BE(place)), bytes.readUInt32BE(start + 8)];
  return below.flatMap((child) => tablesIn(page, child, depth + 1));
}

function tableOf(bytes: Buffer, place: number): { name: string; root: number }[] {
  const record = varint(bytes, varint(bytes, place).next).next;
  const header = varint(bytes, record);
  let [at, value] = [header.next, record + header.value];
  const columns: Buffer[] = [];
  while (columns.length < 4) {
    const type = varint(bytes, at);
    const width = type.value >= 12 ? Math.floor((type.value - 12) / 2) : (WIDTHS[type.value] ?? 0);
    columns.push(bytes.subarray(value, value + width));
    [at, value] = [type.next, value + width];
  }
  const [type, name, , root] = columns.map((column) => column.toString());
  const number = columns[3]?.length ? columns[3].readUIntBE(0, columns[3].length) : 0;
  if (type !== "table" || !name || root === undefined || number === 0 || name.startsWith("sqlite_")) return [];
  return [{ name, root: number }];
}

/** Rows of the tree of a table, or of an index that is one. */
function rowsBelow(page: Pages, number: number, depth = 0): { rows: number; last: number } {
  const bytes = page(number);
  const kind = bytes.readUInt8(0);
  const cells = bytes.readUInt16BE(3);
  const inner = kind === TABLE_INNER || kind === INDEX_INNER;
  const place = (index: number) => bytes.readUInt16BE((inner ? 12 : 8) + 2 * index);
  if (kind === INDEX_LEAF) return { rows: cells, last: 0 };
  if (kind === TABLE_LEAF) {
    return { rows: cells, last: cells > 0 ? varint(bytes, varint(bytes, place(cells - 1)).next).value : 0 };
  }
  if (!inner || depth > 10) return { rows: 0, last: 0 };
  const children = Array.from({ length: cells }, (_, index) => bytes.readUInt32BE(place(index)));
  const below = [...children, bytes.readUInt32BE(8)].map((child) => rowsBelow(page, child, depth + 1));
  // Of an index each cell is a row, whatever lies below it.
  const own = kind === INDEX_INNER ? cells : 0;
  return { rows: below.reduce((sum, { rows }) => sum + rows, own), last: below.at(-1)?.last ?? 0 };
}

function varint(bytes: Buffer, place: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes.readUInt8(place + index);
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, next: place + index + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(place + 8), next: place + 9 };
}
