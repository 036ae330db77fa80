// What crosses the line between Go and JavaScript: JSON, bytes and dates. Bytes and dates are objects with one key
// that begins with a dollar; such a key of the user's own gets another.
const kinds = { function: "a function", symbol: "a symbol", bigint: "a BigInt" };

export function encode(value, at) {
  if (value === undefined || value === null) return null;
  if (kinds[typeof value]) throw limit(kinds[typeof value], at);
  if (typeof value === "number" && !Number.isFinite(value)) throw limit("the number " + value, at);
  if (typeof value !== "object") return value;
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof ArrayBuffer) return { $bytes: base64(new Uint8Array(value)) };
  if (ArrayBuffer.isView(value)) return { $bytes: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  if (Array.isArray(value)) return value.map((v, i) => encode(v, at + "[" + i + "]"));
  const proto = Object.getPrototypeOf(value);
  if (proto !== null && proto !== Object.prototype) throw limit("a " + (value.constructor?.name || "class instance"), at);
  const object = {};
  for (const [key, v] of Object.entries(value)) {
    if (v !== undefined) object[key.startsWith("$") ? "$" + key : key] = encode(v, at + "." + key);
  }
  return object;
}

export function decode(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  if ("$date" in value) return new Date(value.$date);
  if ("$bytes" in value) return Uint8Array.from(atob(value.$bytes), (c) => c.charCodeAt(0));
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key.startsWith("$") ? key.slice(1) : key, decode(v)]));
}

function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

function limit(what, at) {
  return new TypeError("RPC between Go and JavaScript carries JSON, bytes and dates, but " + at + " is " + what);
}

export function thrown({ name, message }) {
  const e = new Error(message);
  if (name && name !== "Error") e.name = name;
  return e;
}
