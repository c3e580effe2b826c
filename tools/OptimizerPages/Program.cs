// Writes docs/optimizers.md and a page with a picture for every rule, from the code's documentation, from records/optimizers and from runs on Rosenbrock's function:
//   dotnet run -c Release --project bench/Descent.Race -- small records/optimizers/race-small.jsonl
//   dotnet run -c Release --project bench/Descent.Race -- large records/optimizers/race-large.jsonl
//   dotnet run -c Release --project src/Descent.Cli -- bench step --json > records/optimizers/bench-step.json
//   dotnet run -c Release --project tools/OptimizerPages
using Descent.Optimizers;
using OptimizerPages;

string root = args.Length > 0 ? args[0] : ".";
var documentation = new XmlDocumentation(typeof(OptimizerOptions).Assembly);
Evidence evidence = Evidence.Read(Path.Combine(root, "records", "optimizers"));
string pages = Path.Combine(root, "docs", "optimizers");
Directory.CreateDirectory(pages);
var rules = OptimizerCatalog.Names.Select(static kind => (Kind: kind, Options: OptimizerCatalog.Create(kind))).ToList();
foreach ((string kind, OptimizerOptions options) in rules)
{
    RosenbrockPath rosenbrock = RosenbrockPath.Of(options);
    Pictures.Write(Path.Combine(pages, $"{kind}.png"), kind, rosenbrock, evidence.Finals(kind), evidence.YardstickFinals);
    File.WriteAllText(Path.Combine(pages, $"{kind}.md"), RulePage.Write(kind, options, documentation, evidence, rosenbrock));
    Console.WriteLine($"{kind}: Rosenbrock {rosenbrock.Value:G3} at rate {rosenbrock.Rate:G2}");
}

File.WriteAllText(Path.Combine(root, "docs", "optimizers.md"), OverviewPage.Write(rules, evidence));
