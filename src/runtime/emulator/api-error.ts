/**
 * A request refused as IBM's API refuses one:
 *
 *     {"trace":"9c1c…","errors":[{"code":"1291","message":"Job not found. …","more_info":"https://…"}]}
 *
 * The statuses are of the published OpenAPI document. The codes are read as strings there and listed nowhere: 1517 is IBM's
 * for a circuit outside the instruction set, and the others are this emulator's. No client should tell errors apart by them.
 */

export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const CODES = {
  unauthorized: 1200,
  forbidden: 1202,
  invalid: 1203,
  noProgram: 1207,
  noBackend: 1211,
  noSession: 1217,
  sessionClosed: 1218,
  notCancellable: 1250,
  notDeletable: 1251,
  tooMany: 1213,
  noJob: 1291,
  noCalibration: 1292,
  noResult: 1293,
  noRoute: 1404,
  broken: 1500,
} as const;

export function invalid(message: string): ApiError {
  return new ApiError(400, CODES.invalid, message);
}
