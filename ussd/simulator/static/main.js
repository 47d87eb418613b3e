// Builds the phones of the page and remembers them.

import { Station } from "./station.js";
import { load, save } from "./store.js";

const page = document.getElementById("main");
const config = JSON.parse(page.dataset.config);
const shelf = document.getElementById("stations");
const saved = load();
const stations = [];
let letters = saved.letters;
let inHand = null;

function remember() {
  save({ numbers: stations.map((station) => station.number), letters });
}

function arrange() {
  const alone = stations.length === 1;
  stations.forEach((station, index) => {
    station.place = { index, alone };
  });
}

function setLetters(on) {
  letters = on;
  for (const station of stations) station.handset.letters = on;
  remember();
}

function remove(station) {
  station.close();
  stations.splice(stations.indexOf(station), 1);
  if (inHand === station) inHand = null;
  arrange();
  remember();
  document.getElementById("add").focus();
}

function add(number) {
  const handlers = { onChange: remember, onRemove: remove, onLetters: setLetters };
  const station = new Station({ config, number, ...handlers });
  station.handset.letters = letters;
  station.element.addEventListener("focusin", () => {
    inHand = station;
  });
  stations.push(station);
  shelf.append(station.element);
  arrange();
  return station;
}

/** The first demo person whose phone is not on the page, else an empty number. */
function nextNumber() {
  const taken = new Set(stations.map((station) => station.number));
  return config.people.find(({ number }) => !taken.has(number))?.number ?? "";
}

document.getElementById("add").addEventListener("click", () => {
  const station = add(nextNumber());
  remember();
  station.parts.entry.focus();
});

// Keys typed while nothing has the focus go to the phone used last.
document.addEventListener("keydown", (event) => {
  if (event.target === document.body) (inHand ?? stations[0])?.key(event);
});

for (const number of saved.numbers.length ? saved.numbers : [nextNumber()]) add(number);
page.dataset.ready = "yes";
