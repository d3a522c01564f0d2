// Reads {"sentences": [...], "now": [year, month, day, hour, minute]}, prints what chrono-node's Vietnamese parser finds in each.
const { vi } = require("chrono-node");

const { sentences, now } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const [year, month, ...rest] = now;
const instant = new Date(year, month - 1, ...rest);
const parts = ["year", "month", "day", "weekday", "hour", "minute"];

const found = (sentence) =>
  vi.parse(sentence, { instant }).map(({ index, text, start }) => ({
    index, // UTF-16 units
    length: text.length,
    certain: parts.filter((part) => start.isCertain(part)),
    values: parts.map((part) => start.get(part)),
  }));

process.stdout.write(JSON.stringify(sentences.map(found)));
