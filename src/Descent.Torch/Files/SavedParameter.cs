namespace Descent.Torch;

/// <summary>What a file holds of one parameter's optimizer state.</summary>
/// <param name="Number">Its place among all parameters of the file, counted from 0 in the order of the groups.</param>
/// <param name="Name">Its name; null in files that number parameters, as those of PyTorch and TorchSharp do.</param>
public sealed record SavedParameter(int Number, string? Name)
{
    /// <summary>Steps it has had; 0 when it has no state.</summary>
    public long Step { get; init; }

    /// <summary>The states by their names, such as <c>exp_avg</c>. Empty when it has had no step.</summary>
    public IReadOnlyDictionary<string, SavedTensor> States { get; init; } = new Dictionary<string, SavedTensor>();

    /// <summary>Single numbers beside the step, such as NAdam's <c>mu_product</c>.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = new Dictionary<string, double>();

    internal string Label => Name is null ? $"parameter {Number}" : $"'{Name}'";
}
