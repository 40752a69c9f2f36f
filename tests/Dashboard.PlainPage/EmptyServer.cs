namespace Dashboard.PlainPage;

/// <summary>As the template "web" writes it: one answer, nothing else.</summary>
internal static class EmptyServer
{
    public static void Run(string[] args)
    {
        var app = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }).Build();
        app.MapGet("/", () => "Hello");
        app.Run();
    }
}
