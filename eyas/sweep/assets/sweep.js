// Puts the page of a sweep together: what is chosen in one place is shown in all.

/** Paper is white: print in the light theme, and more of the list than a screen shows. */
function preparePrint(painted, list) {
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    painted.forEach((one) => one.paint());
    list.drawForPrint();
  });
  addEventListener("afterprint", () => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    painted.forEach((one) => one.paint());
    list.drawRows();
  });
}

/** The parts that need trials with values; what has nothing to show stays away. */
function plotsOf(study, measures, choose, list) {
  const hasDone = Array.from(study.status).some((state) => state === DONE);
  const plots = [];
  if (study.others.length && hasDone) plots.push(new FrontPanel(part("front"), study, measures, choose));
  if (study.varied.length) plots.push(new MapPanel(part("map"), study, measures, choose));
  if (!hasDone || study.count < 2) return plots;
  if (measures.some((measure) => study.scores.some((_, trial) => isKnown(study, measure, trial)))) {
    plots.push(new Distribution(part("distribution"), study, measures).plot);
  }
  const halves = new Halves(study, measures, choose);
  if (halves.trials.length > 1) {
    part("halves").hidden = false;
    const find = (name) => part("halves").querySelector(`[data-part=${name}]`);
    plots.push(new Plot(find("plot"), halves, "Sharpe ratio of each trial in the first half against the second"));
    find("caption").textContent = halves.explain();
  }
  if (study.varied.length) {
    plots.push(new Parallel(part("parallel"), study, measures, choose, (selected) => list.keepOnly(selected)).plot);
  }
  return plots;
}

function start() {
  const study = decodeStudy(JSON.parse(part("study").textContent));
  let plots = [];
  if (study.count) {
    const measures = measuresOf(study);
    const chosen = new Chosen(part("chosen"), study, measures);
    const choose = (trial) => {
      chosen.show(trial);
      list.select(trial);
    };
    const list = new TrialList(part("trials"), study, measures, choose);
    plots = plotsOf(study, measures, choose, list);
    const find = (name) => part("chosen").querySelector(`[data-part=${name}]`);
    find("to-best").addEventListener("click", () => choose(study.best));
    find("to-plateau").addEventListener("click", () => choose(study.plateau));
    addDefinitions(part("definition-shown"), study.definitions);
    chosen.show(study.best ?? 0);
    preparePrint(plots, list);
  }
  addThemeToggle(() => plots.forEach((one) => one.paint()));
  root.dataset.ready = `trials:${study.count}`;
}

start();
