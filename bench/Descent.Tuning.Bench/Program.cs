using System.Diagnostics;
using Descent.Journal;
string path = args[0];
int n = int.Parse(args[1]);
if (!File.Exists(path)) {
  await using var j = await JournalCatalog.OpenAsync(path);
  var sw = Stopwatch.StartNew();
  var e = new NewEvent("study/default", "trial.reported", 1, "{\"number\":12345,\"token\":998877,\"step\":17,\"value\":0.48151623421}");
  for (int i = 0; i < 20000; i++) await j.AppendAsync([e]);
  Console.WriteLine($"single {20000/sw.Elapsed.TotalSeconds:F0}/s");
  sw.Restart();
  var batch = Enumerable.Repeat(e, 1000).ToArray();
  for (int i = 0; i < n/1000; i++) await j.AppendAsync(batch);
  Console.WriteLine($"batch {n/sw.Elapsed.TotalSeconds:F0}/s");
}
for (int r = 0; r < 3; r++) foreach (var stream in new[]{ null, "study/default"}) {
  var sw = Stopwatch.StartNew();
  await using var j = await JournalCatalog.OpenAsync(path);
  long after = 0; int count = 0;
  while (true) { var page = await j.ReadAsync(after, stream); count += page.Count; if (page.Count == 0) break; after = page[^1].Position; }
  Console.WriteLine($"{stream} read {count} in {sw.Elapsed.TotalSeconds:F2} s");
}
