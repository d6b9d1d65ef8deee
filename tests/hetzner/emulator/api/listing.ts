import { invalidField } from "./api-error.ts";
import { parseSelector } from "./label-selector.ts";
import type { Labels } from "./labels.ts";

/** Entries of one page when the request does not say, and at most. */
const PER_PAGE = { default: 25, most: 50 };

/** What a list may be filtered and sorted by. */
export interface Listable {
  id: number | string;
  name?: string | null;
  created?: string;
  /** Of actions. */
  command?: string;
  status?: string;
  started?: string;
  finished?: string | null;
  labels?: Labels;
}

export interface Pagination {
  page: number;
  per_page: number;
  previous_page: number | null;
  next_page: number | null;
  last_page: number | null;
  total_entries: number | null;
}

/** What a list's parameters are compared with. */
export type Filters<T> = Readonly<Record<string, (entry: T) => string | number | null | undefined>>;

/** The entries that pass `label_selector` and each filter that the request names, in the order of `sort`. */
export function select<T extends Listable>(
  entries: readonly T[],
  query: URLSearchParams,
  filters: Filters<T> = {},
): T[] {
  const selector = query.get("label_selector");
  const matches = selector ? parseSelector(selector) : () => true;
  const asked = Object.entries(filters).filter(([name]) => query.has(name));
  const found = entries.filter(
    (entry) =>
      matches(entry.labels ?? {}) && asked.every(([name, of]) => query.getAll(name).includes(String(of(entry)))),
  );
  return sort(found, query.getAll("sort"));
}

function sort<T extends Listable>(entries: T[], by: readonly string[]): T[] {
  const orders = by.map(parseSort);
  return entries.toSorted((a, b) => {
    for (const { key, sign } of orders) {
      const order = compare(a[key] ?? "", b[key] ?? "");
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

const SORT_KEYS = ["id", "name", "created", "command", "status", "started", "finished"] as const;

function parseSort(text: string): { key: (typeof SORT_KEYS)[number]; sign: 1 | -1 } {
  const [name, direction = "asc", ...rest] = text.split(":");
  const key = SORT_KEYS.find((one) => one === name);
  if (!key || !/^(?:asc|desc)$/.test(direction) || rest.length > 0) throw invalidField("sort", `can't sort by ${text}`);
  return { key, sign: direction === "desc" ? -1 : 1 };
}

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : a === b ? 0 : 1;
}

/** The page of a list that the request asks for. @throws ApiError 422 for a page that is no number */
export function paginate<T>(entries: readonly T[], query: URLSearchParams): { entries: T[]; pagination: Pagination } {
  const page = positive(query, "page", 1);
  const perPage = Math.min(positive(query, "per_page", PER_PAGE.default), PER_PAGE.most);
  const last = Math.max(1, Math.ceil(entries.length / perPage));
  return {
    entries: entries.slice((page - 1) * perPage, page * perPage),
    pagination: {
      page,
      per_page: perPage,
      previous_page: page > 1 ? page - 1 : null,
      next_page: page < last ? page + 1 : null,
      last_page: last,
      total_entries: entries.length,
    },
  };
}

/** The header `Link` of a page: the address of the one before, the one after and the last. */
export function linkHeader(url: URL, { previous_page, next_page, last_page }: Pagination): string {
  const to = (page: number | null, rel: string) => {
    if (page === null) return [];
    const link = new URL(url);
    link.searchParams.set("page", String(page));
    return [`<${link.href}>; rel="${rel}"`];
  };
  return [...to(previous_page, "prev"), ...to(next_page, "next"), ...to(last_page, "last")].join(", ");
}

function positive(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^[1-9]\d*$/.test(text)) throw invalidField(name, "must be a number from 1 on");
  return Number(text);
}
