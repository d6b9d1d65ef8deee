/** A field of a request and what is wrong with it. */
export interface FieldFault {
  name: string;
  messages: string[];
}

/** What the API refuses, as `{"error": {code, message, details}}` with an HTTP status. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  /** Further headers of the answer, such as `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, more: { details?: unknown; headers?: HeaderList } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = more.details ?? null;
    this.headers = more.headers ?? {};
  }

  get body() {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

type HeaderList = Readonly<Record<string, string>>;

export function notFound(what: string): ApiError {
  return new ApiError(404, "not_found", `${what} not found`);
}

/** A request that is well formed, but whose fields say what can't be. */
export function invalidFields(fields: FieldFault[]): ApiError {
  const names = fields.map(({ name }) => `'${name}'`).join(", ");
  return new ApiError(422, "invalid_input", `invalid input in field ${names}`, { details: { fields } });
}

export function invalidField(name: string, message: string): ApiError {
  return invalidFields([{ name, messages: [message] }]);
}

/** A request that is refused for the state that the resource is in, by the operation's own code. */
export function refused(code: string, message: string): ApiError {
  return new ApiError(422, code, message);
}

export function notUnique(field: string): ApiError {
  return new ApiError(409, "uniqueness_error", `${field} is already used`, {
    details: { fields: [{ name: field }] },
  });
}

/** Another action on the resource is running. */
export function locked(what: string): ApiError {
  return new ApiError(423, "locked", `${what} is locked`);
}

/** The resource is protected against what was asked for. */
export function isProtected(what: string): ApiError {
  return new ApiError(423, "protected", `${what} is protected`);
}

/** What can't be had at the moment, and may be had elsewhere. */
export function unavailable(message: string): ApiError {
  return new ApiError(412, "resource_unavailable", message);
}
