namespace Descent.Tuning;

/// <summary>What came of asking.</summary>
/// <param name="Trial">The trial to run; none: there is none at present.</param>
/// <param name="MayComeMore">Whether there may be one later: others' trials are under way, which may be given back.</param>
internal readonly record struct AskOutcome(Trial? Trial, bool MayComeMore);
