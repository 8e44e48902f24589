/** An object of parsed JSON, nothing known about its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for JSON objects, not for lists or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
