using System.Text.Json;

namespace Descent.Race;

/// <summary>The finished runs, one JSON line each: a race that was interrupted goes on where it was.</summary>
internal sealed class Results
{
    private readonly string _path;
    private readonly List<JobResult> _all;

    public Results(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _all = File.Exists(path)
            ? [.. File.ReadLines(path).Where(static line => line.Length > 0).Select(static line => JsonSerializer.Deserialize<JobResult>(line, Json.Options)!)]
            : [];
    }

    public IReadOnlyList<JobResult> All => _all;

    public JobResult? Find(Job job) => _all.Find(result => result.Job.IsSameAs(job));

    public void Add(JobResult result)
    {
        lock (_all)
        {
            _all.Add(result);
            File.AppendAllText(_path, JsonSerializer.Serialize(result, Json.Options) + "\n");
        }
    }
}

/// <summary>How results are written.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
