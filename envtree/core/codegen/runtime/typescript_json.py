"""The parts of a generated TypeScript file that read JSON."""

CONTENT = r"""
function readJson<T>(content: ReadJson<T>): Read<T> {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new Invalid("is not JSON");
    }
    return content(value);
  };
}


function readSecret<V, T>(read: (value: V) => T): (value: V) => Secret<T> {
  return (value) => new Secret(read(value));
}


function jsonAnything(): ReadJson<unknown> {
  return (value) => value;
}


function jsonNullable<T>(content: ReadJson<T>): ReadJson<T | null> {
  return (value) => (value === null ? null : content(value));
}


function jsonText<T>(read: Read<T>): ReadJson<T> {
  return (value) => {
    if (typeof value !== "string") throw new Invalid("is not a text");
    return read(value);
  };
}


function jsonUrl(schemes: string[] = [], needsHost = false, several = false): ReadJson<string> {
  return jsonText((text) => {
    checkedUrl(text.replace(/[\t\n\r]/g, ""), schemes, needsHost, several, Infinity);
    return text;
  });
}


function trimmed(text: string): string {
  const letters = [...text];
  while (BLANK.test(letters[0] ?? "")) letters.shift();
  while (BLANK.test(letters[letters.length - 1] ?? "")) letters.pop();
  return letters.join("");
}


function jsonInteger(
  least = -Infinity,
  most = Infinity,
  multiple: number | undefined = undefined,
  ...choices: number[]
): ReadJson<number> {
  return (value) => {
    let number = typeof value === "boolean" ? Number(value) : value;
    if (typeof number === "string" && /^[-+]?\d+(?:_\d+)*(?:[.]0+)?$/.test(trimmed(number))) {
      number = Number(trimmed(number).replaceAll("_", ""));
    }
    if (typeof number !== "number" || !Number.isInteger(number)) throw new Invalid("is not an integer");
    return within(number, least, most, multiple, choices);
  };
}


function jsonNumeric(
  least = -Infinity,
  most = Infinity,
  above?: number,
  below?: number,
  finite = false,
): ReadJson<number> {
  return (value) => {
    let number = typeof value === "boolean" ? Number(value) : value;
    if (typeof number === "string") {
      const word = trimmed(number).replaceAll("_", "");
      const infinite = /^([-+]?)inf(?:inity)?$/i.exec(word);
      number = infinite ? Number(`${infinite[1] ?? ""}Infinity`) : /^[-+]?nan$/i.test(word) ? NaN : Number(word || "x");
      if (Number.isNaN(number) && !/^[-+]?nan$/i.test(word)) throw new Invalid("is not a number");
    }
    if (typeof number !== "number") throw new Invalid("is not a number");
    return bounded(number, least, most, above, below, finite);
  };
}


function jsonBoolean(): ReadJson<boolean> {
  return (value) => {
    if (typeof value === "boolean") return value;
    if (value === 0 || value === 1) return value === 1;
    if (typeof value !== "string") throw new Invalid("is not a boolean");
    return readBoolean()(value);
  };
}


function jsonArray<T>(item: ReadJson<T>, least = 0, most = Infinity): ReadJson<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new Invalid("is not a list");
    return eachOf(value as unknown[], item, least, most);
  };
}


function jsonMap<T>(content: ReadJson<T>): ReadJson<ReadonlyMap<string, T>> {
  return (value) => {
    const found = objectOf(value);
    return new Map(Object.entries(found).map(([key, each]) => [key, inside("[...]", content, each)]));
  };
}


function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Invalid("is not a mapping");
  return value as Record<string, unknown>;
}


class Keys {
  readonly #values: Record<string, unknown>;

  constructor(value: unknown, known?: string[]) {
    this.#values = objectOf(value);
    if (known !== undefined && !Object.keys(this.#values).every((key) => known.includes(key))) {
      throw new Invalid("has a key that it must not have");
    }
  }

  required<T>(name: string, content: ReadJson<T>): T {
    if (!Object.prototype.hasOwnProperty.call(this.#values, name)) throw new Invalid("is missing", `.${name}`);
    return inside(`.${name}`, content, this.#values[name]);
  }

  optional<T, D>(name: string, content: ReadJson<T>, otherwise: D): T | D {
    return Object.prototype.hasOwnProperty.call(this.#values, name) ? this.required(name, content) : otherwise;
  }
}
"""
