// The product's chart and uPlot on the same points, in a box of the same size. Returns an object that draws, updates and removes either.
async draw => {
    const width = 1000, height = 260, hour = 3600_000;
    const points = (count, shift) => Array.from({ length: count }, (_, i) => [1_700_000_000_000 + i * hour, Math.round(4e8 + 2e5 * i + 3e7 * Math.sin(i * 0.37 + shift))]);
    // The end of the next frame: what was asked for is on the screen.
    const frame = () => new Promise(resolve => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now());
        channel.port2.postMessage(null);
    }));
    const box = document.createElement("div");
    box.style.cssText = `position: fixed; inset: 0 auto auto 0; z-index: 9999; background: white; width: ${width}px; height: ${height}px`;
    document.body.append(box);
    // A pointer over the chart would make it wait.
    const still = () => new Promise(resolve => setTimeout(resolve, 120));

    const ours = async count => {
        const { create } = await import("/Components/Charts/TimeChart.razor.js");
        const picture = shift => {
            const data = points(count, shift);
            return { stacked: true, unit: "bytes", height, from: data[0][0], to: data[count - 1][0], series: [{ name: "Total size", data }], marks: [] };
        };
        let chart;
        return {
            async create() { chart = await create(box, { invokeMethodAsync() {} }, picture(0), null); },
            update(shift) { chart.update(picture(shift), null, true); },
            remove: () => chart.dispose()
        };
    };
    const theirs = count => {
        const columns = shift => { const data = points(count, shift); return [data.map(([at]) => at / 1000), data.map(([, value]) => value)]; };
        let chart;
        return {
            async create() { chart = new uPlot({ width, height, series: [{}, { label: "Total size", stroke: "#3b82f6", fill: "#3b82f659", width: 2 }] }, columns(0), box); },
            update(shift) { chart.setData(columns(shift)); },
            remove: () => chart.destroy()
        };
    };

    // The product's update says nothing when it is done, so the last change that it makes to the page is waited for, and the frame after that.
    const timed = async (act, changesPage) => {
        let last = null;
        const watch = new MutationObserver(() => { last = performance.now(); });
        watch.observe(box, { subtree: true, childList: true, attributes: true, characterData: true });
        await frame();
        const began = performance.now();
        const done = act();
        let shown = await frame();
        await done;
        if (changesPage) {
            let quiet = 0;
            while (last === null || quiet < 6) {
                const now = await frame();
                if (last !== null && last > shown) { shown = now; quiet = 0; } else quiet++;
            }
        }
        watch.disconnect();
        return shown - began;
    };

    const one = async (chart, changesPage) => {
        const created = await timed(() => chart.create(), changesPage);
        const updated = [];
        for (let shift = 1; shift <= draw.updates; shift++) {
            await still();
            updated.push(await timed(() => chart.update(shift), changesPage));
        }
        await chart.remove();
        box.replaceChildren();
        await still();
        return [created, updated.sort((a, b) => a - b)[updated.length >> 1]];
    };

    const result = [...await one(await ours(draw.points), true), ...await one(theirs(draw.points), false)];
    box.remove();
    return result;
}
