"""The parts of a generated TypeScript file that find variables and read texts."""

TEXTS = r"""
const HIDDEN = "[hidden]";


/** A value that is never shown: `reveal()` returns it. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** Returns the value itself. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return HIDDEN;
  }
}


/** Names each variable that is wrong, and shows no value. */
export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(["the environment is not as its schema says:", ...faults].join("\n  "));
    this.name = "SettingsError";
    this.faults = faults;
  }
}


class Invalid {
  readonly reason: string;
  readonly place: string;

  constructor(reason: string, place = "") {
    this.reason = reason;
    this.place = place;
  }
}


type Read<T> = (text: string) => T;


type ReadJson<T> = (value: unknown) => T;


class Variables {
  readonly faults: string[] = [];
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  required<T>(name: string, read: Read<T>, ignoresEmpty = false): T {
    const text = this.#text(name, ignoresEmpty);
    if (text === undefined) {
      this.faults.push(`${name} is not set`);
      return undefined as never;
    }
    return this.#read(name, text, read);
  }

  optional<T, D>(name: string, read: Read<T>, otherwise: D, ignoresEmpty = false): T | D {
    const text = this.#text(name, ignoresEmpty);
    return text === undefined ? otherwise : this.#read(name, text, read);
  }

  #text(name: string, ignoresEmpty: boolean): string | undefined {
    const text = Object.prototype.hasOwnProperty.call(this.#env, name) ? this.#env[name] : undefined;
    return ignoresEmpty && text === "" ? undefined : text;
  }

  #read<T>(name: string, text: string, read: Read<T>): T {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      this.faults.push(`${name}${error.place} ${error.reason}`);
      return undefined as never;
    }
  }
}


function readText(least = 0, most = Infinity, ...patterns: string[]): Read<string> {
  return (text) => {
    const length = [...text].length;
    if (length < least) throw new Invalid(`is shorter than ${least} characters`);
    if (length > most) throw new Invalid(`is longer than ${most} characters`);
    if (!patterns.every((pattern) => new RegExp(pattern, "u").test(text))) {
      throw new Invalid("doesn't match its pattern");
    }
    return text;
  };
}


function readInteger(
  least = -Infinity,
  most = Infinity,
  multiple: number | undefined = undefined,
  ...choices: number[]
): Read<number> {
  return (text) => {
    if (!/^-?(?:0|[1-9][0-9]*)$/.test(text)) throw new Invalid("is not an integer, written as digits alone");
    return within(Number(text), least, most, multiple, choices);
  };
}


function within(value: number, least: number, most: number, multiple: number | undefined, choices: number[]): number {
  if (value < least) throw new Invalid(`is less than ${least}`);
  if (value > most) throw new Invalid(`is more than ${most}`);
  if (!Number.isSafeInteger(value)) throw new Invalid("is beyond what a number holds exactly");
  if (multiple !== undefined && value % multiple !== 0) throw new Invalid(`is not a multiple of ${multiple}`);
  if (choices.length > 0 && !choices.includes(value)) throw new Invalid("is none of the allowed values");
  return value + 0;
}


function readNumber(least = -Infinity, most = Infinity, above?: number, below?: number, finite = false): Read<number> {
  return (text) => {
    if (!/^-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?$/.test(text)) throw new Invalid("is not a number");
    return bounded(Number(text), least, most, above, below, finite);
  };
}


function bounded(
  value: number,
  least: number,
  most: number,
  above: number | undefined,
  below: number | undefined,
  finite: boolean,
): number {
  if (finite && !Number.isFinite(value)) throw new Invalid("is not a finite number");
  if (value < least || (above !== undefined && !(value > above))) throw new Invalid("is too small");
  if (value > most || (below !== undefined && !(value < below))) throw new Invalid("is too large");
  return value;
}


function readBoolean(): Read<boolean> {
  return (text) => {
    if (/^(?:1|t|true|y|yes|on)$/i.test(text)) return true;
    if (/^(?:0|f|false|n|no|off)$/i.test(text)) return false;
    throw new Invalid("is not a boolean, such as `true` or `false`");
  };
}


function readChoice<T extends string>(...texts: T[]): Read<T> {
  return (text) => {
    const found = texts.find((each) => each === text);
    if (found === undefined) throw new Invalid("is none of the allowed values");
    return found;
  };
}


const BLANK = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;


function readUrl(schemes: string[] = [], needsHost = false, several = false, most = Infinity): Read<string> {
  return (text) => {
    if (BLANK.test(text)) throw new Invalid("has a blank in it, and a URL has none");
    return checkedUrl(text, schemes, needsHost, several, most);
  };
}


function checkedUrl(text: string, schemes: string[], needsHost: boolean, several: boolean, most: number): string {
  if (new TextEncoder().encode(text).length > most) throw new Invalid(`is longer than ${most} bytes`);
  const [all, name] = /^[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? [];
  if (all === undefined || name === undefined) throw new Invalid("is not a URL");
  const scheme = name.toLowerCase();
  const rest = text.slice(all.length);
  if (schemes.length > 0 && !schemes.includes(scheme)) throw new Invalid("has the wrong URL scheme");
  const special = ["http", "https", "ws", "wss", "ftp"].includes(scheme);
  if (!special && !rest.startsWith("//")) {
    if (needsHost) throw new Invalid("has no host");
    return text;
  }
  const written = (special ? rest.replace(/^[/\\]+/, "").split(/[/\\?#]/)[0] : rest.slice(2).split(/[/?#]/)[0]) ?? "";
  const authority = /^[@:]*$/.test(written) ? "" : written;
  const hosts = authority.slice(authority.lastIndexOf("@") + 1).replace(/\\.*$/s, "");
  for (const each of several ? hosts.split(",") : [hosts]) {
    const colon = each.lastIndexOf(":");
    const tail = colon < 0 ? "" : each.slice(colon + 1);
    const [host, port] = colon < 0 || tail.includes("]") ? [each, ""] : [each.slice(0, colon), tail];
    if (host === "" && (authority !== "" || special || needsHost)) throw new Invalid("has no host");
    if (port !== "" && !(/^[0-9]+$/.test(port) && Number(port) <= 65535)) throw new Invalid("has a port that is none");
  }
  return text;
}


/** Milliseconds. */
function readDuration(): Read<number> {
  return (text) => {
    const units = [86_400_000, 3_600_000, 60_000, 1000, 1];
    const number = "(0|[1-9][0-9]{0,14})";
    const pattern = ["d", "h", "m", "s", "ms"].map((unit) => `(?:${number}${unit}(?![a-z]))?`).join("");
    const found = new RegExp(`^${pattern}$`).exec(text);
    if (text === "" || found === null) throw new Invalid("is not a duration, such as `1m30s`");
    const total = units.reduce((sum, unit, index) => sum + Number(found[index + 1] ?? 0) * unit, 0);
    if (!Number.isSafeInteger(total)) throw new Invalid("is too long a duration");
    return total;
  };
}


function readEither(...options: Read<string>[]): Read<string> {
  return (text) => {
    for (const option of options) {
      try {
        return option(text);
      } catch (error) {
        if (!(error instanceof Invalid)) throw error;
      }
    }
    throw new Invalid("fits none of its types");
  };
}


function readItems<T>(item: Read<T>, least = 0, most = Infinity): Read<readonly T[]> {
  return (text) => {
    if (text === "") throw new Invalid("has no items");
    const texts = text.split(",");
    texts.forEach((each, index) => {
      if (each === "" || BLANK.test(each.slice(0, 1)) || BLANK.test(each.slice(-1))) {
        throw new Invalid("is empty, or has a blank beside a comma", `[${index}]`);
      }
    });
    return eachOf(texts, item, least, most);
  };
}


function eachOf<V, T>(values: V[], item: (value: V) => T, least: number, most: number): readonly T[] {
  if (values.length < least) throw new Invalid("has too few items");
  if (values.length > most) throw new Invalid("has too many items");
  return values.map((value, index) => inside(`[${index}]`, item, value));
}


function inside<V, T>(place: string, read: (value: V) => T, value: V): T {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(error.reason, place + error.place);
  }
}
"""
