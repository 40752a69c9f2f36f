// Sends the chosen file as it is, in one stream: nothing of it is held in memory, here or there.
export function send(input, address, most, page) {
    const file = input.files[0];
    if (!file) return { problem: "No file is chosen.", next: "Choose one first." };
    if (file.size > most) return { problem: "The file is larger than what is taken in.", next: "Put it on the dashboard's machine, or raise Dashboard:ForeignGigabytes." };
    return new Promise(resolve => {
        const request = new XMLHttpRequest();
        let told = 0;
        request.open("POST", `${address}?name=${encodeURIComponent(file.name)}`);
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.upload.onprogress = event => {
            if (event.timeStamp - told < 500) return;
            told = event.timeStamp;
            page.invokeMethodAsync("Sent", event.loaded, event.total);
        };
        request.onload = () => {
            let said = {};
            try { said = JSON.parse(request.responseText); } catch { /* No answer of ours; the status says what there is to say. */ }
            resolve(request.status === 200 ? { id: said.id } : { problem: said.title ?? `The server answered ${request.status}.`, next: said.detail ?? null });
        };
        request.onerror = () => resolve({ problem: "The upload was broken off.", next: "Look whether the dashboard is running, then try again." });
        request.send(file);
    });
}
