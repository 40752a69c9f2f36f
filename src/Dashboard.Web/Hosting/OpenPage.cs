using System.Net.Mime;

namespace Dashboard.Web.Hosting;

/// <summary>The only page for who was not let in yet: it takes the token out of the address, or says where the link is. Needs no file of ours.</summary>
internal static class OpenPage
{
    private const int LongestToken = 100;

    /// <summary>Takes the token; who has the cookie already is let through with any link.</summary>
    public static async Task TakeAsync(HttpContext context, LocalPass pass)
    {
        var word = new char[LongestToken];
        using var reader = new StreamReader(context.Request.Body);
        var length = await reader.ReadBlockAsync(word, context.RequestAborted);
        if (pass.IsToken(new string(word, 0, length).Trim()))
        {
            pass.LetIn(context);
        }
        else if (!pass.LetsIn(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static Task ShowAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypeNames.Text.Html + "; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(Html(context.Items[SecurityHeaders.NonceItem] as string), context.RequestAborted);
    }

    private static string Html(string? nonce) =>
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1.0" />
            <meta name="color-scheme" content="light dark" />
            <title>Open the dashboard</title>
            <link rel="icon" href="data:," />
            <style>
                body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto; padding: 0 1rem; }
                code { overflow-wrap: anywhere; }
            </style>
        </head>
        <body>
            <main>
                <h1>Open the dashboard with its link</h1>
                <p id="said" role="status" hidden></p>
                <p>This dashboard has no sign-in yet. It opens by the link that it prints when it starts:</p>
                <p><code>http://localhost:5080{{Urls.Open}}#…</code></p>
                <p>Nobody sees what it prints? The same link is in the file <code>open-link</code> in its data folder.</p>
                <p>Open the link once in each browser. After that, the plain address is enough.</p>
                <noscript><p>JavaScript is needed.</p></noscript>
            </main>
            <script nonce="{{nonce}}">
                const open = () => {
                    const token = location.hash.slice(1);
                    if (location.pathname !== "{{Urls.Open}}" || !token) {
                        return;
                    }
                    history.replaceState(null, "", location.pathname);
                    const say = words => { said.textContent = words; said.hidden = false; };
                    fetch("{{Urls.Open}}", { method: "POST", body: token }).then(
                        answer => answer.ok ? location.replace("/") : say("This link is not of the present start. Use the newest one."),
                        () => say("The dashboard does not answer. Is it running?"));
                };
                // Another link that is pasted into this tab loads no page.
                addEventListener("hashchange", open);
                open();
            </script>
        </body>
        </html>
        """;
}
