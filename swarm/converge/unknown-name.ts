/**
 * What programs say of a name that no name server has: C libraries, curl, wget, BusyBox, nginx, Go, Node, Python, Java,
 * PHP, Ruby, Rust, Erlang, and clients of PostgreSQL and MySQL.
 */
export const UNKNOWN_NAME =
  /could not (?:be )?resolve|unable to resolve|failed to resolve|does not resolve|could not translate host|host not found|(?:service|host ?name) not known|unknown ?host|unknown (?:\w+ )?server host|bad address|no such host|failed to lookup address|name resolution|getaddrinfo|ENOTFOUND|EAI_AGAIN|NXDOMAIN/i;
