using Microsoft.Playwright;

namespace Dashboard.Benchmarks.Pages;

/// <summary>The way into the product: the link that it keeps in its data folder while it runs. Other applications have none.</summary>
internal sealed class WayIn(string? token)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="dataFolder">Null for an application that lets in everybody.</param>
    public static async Task<WayIn> ReadAsync(string? dataFolder)
    {
        if (dataFolder is null)
        {
            return new WayIn(null);
        }

        var file = Path.Combine(dataFolder, "open-link");
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (File.Exists(file) && (await File.ReadAllTextAsync(file, patience.Token)).Trim() is { Length: > 0 } link)
            {
                return new WayIn(link[(link.LastIndexOf('#') + 1)..]);
            }

            await Task.Delay(Glance, patience.Token);
        }
    }

    public void AddTo(HttpClient client) => client.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);

    /// <summary>As the page behind the link does it; the browser keeps the cookie.</summary>
    public async Task LetInAsync(IBrowserContext context, string address)
    {
        if (token is not null)
        {
            var answer = await context.APIRequest.PostAsync(address + "/open", new() { DataString = token });
            if (!answer.Ok)
            {
                throw new InvalidOperationException($"{address} did not let the browser in: {answer.Status}");
            }
        }
    }
}
