using Descent.Tuning.Bench;

// regret, fronts, suggestions, or by itself the journal's figures; each file says what it measures.
switch (args.FirstOrDefault())
{
    case "regret":
        RegretBench.Run(args[1..]);
        break;
    case "fronts":
        FrontBench.Run(args[1..]);
        break;
    case "suggestions":
        SuggestionBench.Run(args[1..]);
        break;
    default:
        await JournalBench.RunAsync(args);
        break;
}
