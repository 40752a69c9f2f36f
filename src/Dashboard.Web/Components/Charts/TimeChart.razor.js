import ApexCharts from "../../lib/apexcharts/apexcharts.esm.js";

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
// A formatter costs as much as ten of its numbers.
const numbers = [0, 1, 2].map(digits => new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }));
const formats = {
    bytes(value) {
        if (value == null) return "";
        let unit = 0;
        while (Math.abs(value) >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
        return `${numbers[value < 10 ? 2 : value < 100 ? 1 : 0].format(value)} ${units[unit]}`;
    },
    count: value => value == null ? "" : numbers[0].format(Math.round(value))
};

const isDark = () => getComputedStyle(document.documentElement).getPropertyValue("--mud-native-html-color-scheme").trim() === "dark";
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const series = ["#3b82f6", "#f59e0b", "#10b981", "#a855f7"];
const dashes = [0, 6, 2, 9];

// A layer's colour over the surface, opaque: layers lie on each other.
function tint(hex) {
    const parts = text => [1, 3, 5].map(at => parseInt(text.slice(at, at + 2), 16));
    const [over, under] = [parts(hex), parts(colour("--surface"))];
    return "#" + over.map((part, i) => Math.round(part * 0.35 + under[i] * 0.65).toString(16).padStart(2, "0")).join("");
}

// The chart's own stacking draws a gap as a fall to nothing. So layers are summed here and drawn from the highest to the lowest, each over the one before.
function stacked(lines) {
    const sums = [];
    const summed = lines.map(line => ({ name: line.name, data: line.data.map(([at, value], i) => [at, value == null ? null : (sums[i] = (sums[i] ?? 0) + value)]) }));
    return summed.reverse();
}

const order = (picture, colours) => picture.stacked && picture.series.length > 0 ? colours.slice(0, picture.series.length).reverse() : colours;

const look = picture => ({
    theme: { mode: isDark() ? "dark" : "light" },
    chart: { background: "transparent", foreColor: colour("--muted") },
    fill: picture.stacked ? { type: "solid", opacity: 1, colors: order(picture, series).map(tint) } : { type: "solid", opacity: 1 },
    grid: { borderColor: colour("--border") },
    tooltip: { theme: isDark() ? "dark" : "light" }
});

// Whole binary steps (1, 2, 4 … 512 of a unit), so that an axis reads 0, 128, 256 MiB and not 95, 191.
function steps(picture, highest) {
    if (picture.unit === "bytes") {
        const step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, highest) / 5)));
        const ticks = Math.max(1, Math.ceil(highest / step));
        return { min: 0, max: ticks * step, tickAmount: ticks };
    }
    // Rows are whole: 1, 2 or 5 of a power of ten.
    const rough = Math.max(1, highest) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].find(factor => factor * power >= rough) * power);
    const ticks = Math.max(1, Math.ceil(highest / step));
    return { min: 0, max: ticks * step, tickAmount: ticks };
}

function highest(picture, data) {
    if (!picture.stacked) return Math.max(1, ...data.flatMap(line => line.data.map(point => point[1] ?? 0)));
    let most = 1;
    for (let i = 0; i < (data[0]?.data.length ?? 0); i++) most = Math.max(most, data.reduce((sum, line) => sum + (line.data[i]?.[1] ?? 0), 0));
    return most;
}

// The newest values stand at the end of each line; one that is there already is moved.
function joined(picture, tail) {
    if (!tail) return picture.series;
    return picture.series.map((line, i) => ({ name: line.name, data: [...line.data.filter(point => point[0] < tail.at), [tail.at, tail.values[i]]] }));
}

const marks = picture => ({
    xaxis: picture.marks.map(mark => ({
        x: mark.at,
        strokeDashArray: mark.tone === "quiet" ? 2 : 0,
        borderColor: colour(mark.tone === "quiet" ? "--border-strong" : `--${mark.tone}`),
        opacity: mark.tone === "quiet" ? 0.5 : 1,
        label: mark.tone === "quiet" ? { text: "" } : {
            text: mark.label, orientation: "horizontal", borderWidth: 0,
            style: { background: colour(`--${mark.tone}-tint`), color: colour(`--${mark.tone}`), fontSize: "11px", fontFamily: "inherit" }
        }
    }))
});

function options(picture, tail) {
    const data = joined(picture, tail);
    const to = Math.max(picture.to, tail?.at ?? 0);
    return {
        series: picture.stacked ? stacked(data) : data,
        colors: order(picture, series),
        xaxis: { type: "datetime", min: picture.from, max: to, labels: { datetimeUTC: false }, axisBorder: { show: false }, tooltip: { enabled: false } },
        yaxis: { ...steps(picture, highest(picture, data)), labels: { formatter: formats[picture.unit], minWidth: 56 } },
        // A line of one point is none.
        markers: { size: data.some(line => line.data.filter(point => point[1] != null).length === 1) ? 4 : 0, strokeWidth: 0, hover: { size: 4 } },
        annotations: marks(picture)
    };
}

// The library measures each label by drawing it, and each time the browser lays the page out for it: half of an update. Of the same words in the same
// letters the answer is kept. Its class of drawing is not exported; the chart's own drawer leads to it.
function keepMeasures(chart) {
    const drawing = chart.annotations?.graphics && Object.getPrototypeOf(chart.annotations.graphics);
    if (!drawing?.getTextRects || drawing.getTextRects.kept) return;
    const measure = drawing.getTextRects;
    const kept = new Map();
    drawing.getTextRects = function (...given) {
        const key = JSON.stringify([this.w.config.chart.fontFamily, ...given]);
        let size = kept.get(key);
        if (!size) {
            size = measure.apply(this, given);
            if (kept.size >= 2000) kept.clear();
            // One that was measured while nobody could see it says nothing.
            if (size.width > 0) kept.set(key, size);
        }
        return { ...size };
    };
    drawing.getTextRects.kept = kept;
}

// For each text, at each change of its place, the library asks for the size of its letters, and the browser styles the page anew to answer. It is needed
// where lines are put below each other, and the labels here are one line. Its class is not exported either; a text of its own paper leads to it.
function spareLines(chart) {
    const paper = chart.w?.globals?.dom?.Paper;
    const probe = paper?.plain?.("");
    const text = probe && Object.getPrototypeOf(probe);
    probe?.remove();
    if (!text?.rebuild || text.rebuild.spared) return;
    const rebuild = text.rebuild;
    text.rebuild = function (given) {
        if (typeof given !== "boolean" && !this.children().some(line => line.dom?.newLined)) return this;
        return rebuild.call(this, given);
    };
    text.rebuild.spared = true;
}

export async function create(element, page, picture, tail) {
    let current = picture, newest = tail, isWaiting = false, isGone = false;
    const base = look(picture);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // Of a layer its own amount is said, not the sum that is drawn.
    const said = (value, { seriesIndex, dataPointIndex }) => {
        if (!current.stacked) return formats[current.unit](value);
        const layers = joined(current, newest);
        return formats[current.unit](layers[layers.length - 1 - seriesIndex]?.data[dataPointIndex]?.[1]);
    };
    const chart = new ApexCharts(element, {
        ...base,
        ...options(picture, tail),
        chart: {
            ...base.chart, type: picture.stacked ? "area" : "line", height: picture.height, width: "100%", fontFamily: "inherit",
            animations: { enabled: !calm, speed: 200, animateGradually: { enabled: false }, dynamicAnimation: { enabled: false } },
            toolbar: { show: false }, zoom: { enabled: true, type: "x", autoScaleYaxis: false }, parentHeightOffset: 0,
            events: {
                // The server draws the span anew, with all its peaks; the picture that was stretched is only there until it comes.
                beforeZoom: (_, { xaxis }) => { page.invokeMethodAsync("Zoomed", xaxis.min, xaxis.max); return { xaxis: { min: current.from, max: current.to } }; }
            }
        },
        stroke: { curve: "straight", width: 2, dashArray: picture.stacked ? 0 : dashes },
        dataLabels: { enabled: false },
        legend: { position: "top", horizontalAlign: "left", fontSize: "13px", fontFamily: "inherit", offsetX: -8, showForSingleSeries: false, inverseOrder: picture.stacked, itemMargin: { horizontal: 8 } },
        grid: { ...base.grid, strokeDashArray: 3, padding: { left: 4, right: 12, top: 0, bottom: 0 } },
        tooltip: { ...base.tooltip, shared: true, intersect: false, x: { formatter: at => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) }, y: { formatter: said } }
    });

    let queue = chart.render();
    // One at a time: two updates at once leave the older one on the screen.
    const draw = more => queue = queue.then(() => isGone ? null : chart.updateOptions(more ?? options(current, newest), false, false)).catch(() => {});
    const isRead = () => element.matches(":hover");
    const catchUp = () => { if (isWaiting) { isWaiting = false; draw(); } };
    const recolour = () => draw({ ...look(current), annotations: marks(current) });
    element.addEventListener("pointerleave", catchUp);
    document.addEventListener("themechange", recolour);
    await queue;
    keepMeasures(chart);
    spareLines(chart);

    // A redraw closes the tooltip under the pointer, so what is only newer waits until the pointer has left.
    const soon = () => { if (isRead()) isWaiting = true; else draw(); };
    return {
        update(next, last, isAsked) { current = next; newest = last; if (isAsked) draw(); else soon(); },
        live(last) { newest = last; if (!document.hidden) soon(); else isWaiting = true; },
        async dispose() {
            isGone = true;
            element.removeEventListener("pointerleave", catchUp);
            document.removeEventListener("themechange", recolour);
            await queue;
            chart.destroy();
        }
    };
}
