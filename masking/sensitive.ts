/** Stands for a value that is not shown. */
export const HIDDEN = "(hidden)";

/** Words that make a name sensitive wherever they stand in it, alone or within a longer one. */
const STRONG = /passw|passphrase|passcode|secret|token(?!i)|credential|apikey|masterauth/;
const STRONG_PAIRS = /(?:^|_)(?:basic_?auth|digest_?auth)(?:_|$)/;
const WEAK = /^(?:pass|pwd?|keys?|salt|pepper|dsn)$/;
/** One word made of two. Ordinary words end like this as well, so what may come before `key` is listed. */
const COMPOUND_PASS = /^(?!by|(?:en)?com|over|under|sur|tres)[a-z]+(?:pass|pwd?)$/;
const COMPOUND_KEY =
  /^(?:access|account|admin|aes|app|auth|cipher|client|cluster|cookie|crypt|crypto|db|encrypt|encryption|gpg|hmac|host|jwt|licen[cs]e|mac|master|pass|pgp|private|recovery|root|rsa|server|service|session|shared|sign|signing|ssh|storage|unseal|user|vault|webhook)keys?$/;
/** What makes another thing of a word: `proxy_pass` of a web server, `PUBLIC_KEY`, `MAX_TOKENS`. */
const HARMLESS_BEFORE: Partial<Record<string, RegExp>> = {
  pass: /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)$/,
  key: /^(?:public|pub|primary|foreign|unique|sort|partition|cache|site)$/,
  tokens: /^(?:max|min|server|total|context)$/,
};
/** Endings that make it a name, a place, a number or a setting instead of the secret itself. */
const HARMLESS_END = new RegExp(
  `^(?:${[
    "file|path|dir|directory|folder|url|uri|host|hostname|port|endpoint|user|username|name|realm|header|headerfield",
    "version|length|size|bytes|bits|count|limit|min|max|rounds|iterations|cost|strength",
    "ttl|age|timeout|interval|lifetime|lifespan|expiry|expires|expiration|seconds|minutes|hours|days|rotation",
    "enabled|disabled|required|allowed|type|mode|method|format|policy|algorithm|alg|encryption|scheme|charset",
    "prefix|suffix|issuer|plugin|provider|providers|backend|label|title|description",
  ].join("|")})$`,
);

const WORD = /^(?:|true|false|yes|no|on|off|none|null|nil|~|enabled?|disabled?|default|required|optional|auto)$/i;
const AUTH_WORD = /^(?:plain|login|basic|digest|any|all)$/i;
const SMALL_NUMBER = /^(?:\d{1,3}|\d{1,9}(?:ms|[smhd]))$/;
/** Below a folder that every container has anything may stand; other paths look like words, not like a random text. */
const PATH =
  /^(?:\/(?:app|bin|config|data|dev|etc|home|mnt|opt|root|run|secrets?|srv|tmp|usr|var)\/\S*|(?:\.{0,2}|~)\/(?:[A-Z]?[a-z0-9_.*-]+\/)+(?:[A-Z]?[a-z0-9_.*-]+)?|(?:\.{1,2}|~)?\/[a-z][a-z_-]*\.[a-z]{2,5})$/;
/** Names whose value, as a whole, is what one signs in with: `JWT`, `ERLANG_COOKIE`, `HTTP_AUTH`. */
const WHOLE = /^(?:auth|jwt|cookie)$/;
/** Where the value comes from: a variable, a command, a template, a program's environment. */
const REFERENCE =
  /^(?:\$\{?\w+\}?|\$\([^)]*\)|`[^`]*`|(?:\{\{[^}]*\}\})+|(?:process\.env|os\.environ|os\.getenv|getenv|env)[.([].*)$/i;

/** Whether a variable, label, option or setting of this name usually carries a secret. */
export function isSensitive(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (HARMLESS_END.test(last) || (last === "id" && words.at(-2) === "key")) return false;
  return STRONG_PAIRS.test(words.join("_")) || words.some((_, index) => isSensitiveWord(words, index));
}

/** Whether a variable of this name holds users, and so may hold `user:password`. */
export function namesUsers(name: string): boolean {
  return wordsOf(name).some((word) => /^(?:users?|logins?|accounts?|admins?|auth|htpasswd|credentials?)$/.test(word));
}

/** Whether what follows a name of this kind, after a space alone, is its secret: `--password x`, `requirepass x`. */
export function endsSensitive(name: string): boolean {
  const last = wordsOf(name).at(-1) ?? "";
  return isSensitive(name) && /(?:pass|passwd|password|passphrase|pwd?|secret|token|key|auth|credentials?)$/.test(last);
}

/** Whether a value is no secret, whatever it is called: a switch, a small number, a path, or where to find the value. */
export function isHarmless(value: string): boolean {
  const text = value.trim();
  if (text === HIDDEN || WORD.test(text) || AUTH_WORD.test(text) || SMALL_NUMBER.test(text)) return true;
  return PATH.test(text) || REFERENCE.test(text);
}

/** `LDAP_BINDPW`, `ldapBindPw` and `ldap.bind-pw` in words, in lower case, numbers at their ends left out. */
function wordsOf(name: string): string[] {
  const words = name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  return words.map((word) => word.replace(/(?<!\d)\d+$/, "").toLowerCase()).filter(Boolean);
}

function isSensitiveWord(words: readonly string[], index: number): boolean {
  const [word = "", before = ""] = [words[index], words[index - 1]];
  if (HARMLESS_BEFORE[word]?.test(before)) return false;
  if (STRONG.test(word)) return true;
  // `pass_through` and the like are no passwords.
  if (word === "pass" && index === 0 && words.length > 1) return false;
  if (WHOLE.test(word)) return index === words.length - 1;
  return WEAK.test(word) || COMPOUND_PASS.test(word) || COMPOUND_KEY.test(word);
}
