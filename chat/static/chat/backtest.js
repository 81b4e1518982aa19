// Says that a backtest is under way, and leads to what came of it.

const form = document.querySelector("form[data-backtest]");
const underWay = form.querySelector("[data-under-way]");

form.addEventListener("submit", () => {
  underWay.textContent = "Looking at what was recorded. This takes 20 seconds at most.";
});
// The page comes back as it was left.
addEventListener("pageshow", () => {
  underWay.textContent = "";
});
document.getElementById("backtest")?.focus();
