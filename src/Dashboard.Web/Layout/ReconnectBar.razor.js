// The page stays readable while the connection is away: a bar, not a wall.
const bar = document.getElementById("components-reconnect-modal");
bar.addEventListener("components-reconnect-state-changed", changed);
document.getElementById("components-reconnect-button").addEventListener("click", retry);
document.getElementById("components-resume-button").addEventListener("click", resume);

let timer = null;

function changed(event) {
    const state = event.detail.state;
    if (state === "show") {
        bar.show();
    } else if (state === "hide") {
        clearTimeout(timer);
        bar.close();
    } else if (state === "failed") {
        // Somebody may restart the server in an hour, at night: keep asking, gently.
        document.addEventListener("visibilitychange", retryWhenVisible);
        timer = setTimeout(retry, 5000);
    } else if (state === "rejected") {
        location.reload();
    }
}

async function retry() {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", retryWhenVisible);
    try {
        if (await Blazor.reconnect()) return;
        // The server is there and does not know this page any more: its state is in the address and in the store.
        if (await takeUp()) bar.close();
        else location.reload();
    } catch {
        document.addEventListener("visibilitychange", retryWhenVisible);
        timer = setTimeout(retry, 5000);
    }
}

async function resume() {
    try {
        if (!await takeUp()) location.reload();
    } catch {
        location.reload();
    }
}

// Another circuit goes on with the page and listens for itself; what the old one left listening would call into nothing.
function takeUp() {
    window.mudResizeListenerFactory?.dispose();
    return Blazor.resumeCircuit();
}

async function retryWhenVisible() {
    if (document.visibilityState === "visible") await retry();
}
