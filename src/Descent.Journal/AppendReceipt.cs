namespace Descent.Journal;

/// <summary>What became of a batch.</summary>
/// <param name="First">The position of its first event.</param>
/// <param name="Last">The position of its last event.</param>
/// <param name="Time">Its time by the journal's clock.</param>
public readonly record struct AppendReceipt(long First, long Last, DateTimeOffset Time);
