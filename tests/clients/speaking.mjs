// How these programs speak with the test that runs them: a line of JSON in, lines of JSON out.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** What the test says next. */
export async function heard() {
  const { value, done } = await lines.next();
  if (done) throw new Error("the test said nothing more");
  return JSON.parse(value);
}

export function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** The browser's part: the test opens the address, and says where it was sent back to. */
export async function browse(url) {
  say({ open: url.href });
  return new URL((await heard()).back);
}

/** The error that a request was refused with; fails when it was not. */
export async function refused(request) {
  try {
    await request();
  } catch (error) {
    return error.error ?? error.cause?.error ?? error.cause?.[0]?.parameters?.error ?? error.message;
  }
  throw new Error("it was not refused");
}

export function end(what) {
  say({ result: what });
  process.exit(0);
}
