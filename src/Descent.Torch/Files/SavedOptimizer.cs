using System.Text;

namespace Descent.Torch;

/// <summary>An optimizer's state in a file, whoever wrote it, open to be taken over by a <see cref="FusedOptimizer"/>.</summary>
/// <remarks>
/// <para>Read are: files of <see cref="FusedOptimizer.Save"/>; files of PyTorch's <c>torch.save</c> that hold an optimizer's <c>state_dict()</c>, alone or
/// within a checkpoint dictionary; files of TorchSharp's own <c>optimizer.save_state_dict</c>. The content tells which.</para>
/// <para>A file of PyTorch is data here: nothing that it names is imported or called.</para>
/// </remarks>
public sealed class SavedOptimizer : IDisposable
{
    internal const string Descent = "Descent";

    private readonly IDisposable? _source;

    internal SavedOptimizer(string path, string format, IReadOnlyList<SavedGroup> groups, IReadOnlyList<SavedParameter> parameters, IDisposable? source)
    {
        (Path, Format, Groups, Parameters, _source) = (path, format, groups, parameters, source);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Who wrote it: "Descent", "PyTorch", or "TorchSharp" with the optimizer's name.</summary>
    public string Format { get; }

    /// <summary>The parameter groups.</summary>
    public IReadOnlyList<SavedGroup> Groups { get; }

    /// <summary>All parameters, in the order of their numbers.</summary>
    public IReadOnlyList<SavedParameter> Parameters { get; }

    /// <summary>What rules carry for a whole group, under the names of <see cref="FusedOptimizer.SharedStates"/>.</summary>
    public IReadOnlyDictionary<string, double> Shared { get; internal init; } = new Dictionary<string, double>();

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entry">
    /// Which entry of a PyTorch checkpoint dictionary is the optimizer, for instance <c>optimizer_state_dict</c>. Default: the only one that looks like an optimizer's.
    /// </param>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or none of the formats above.</exception>
    public static SavedOptimizer Open(string path, string? entry = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] start = Start(path);
        if (start.AsSpan().StartsWith("PK"u8))
        {
            return TorchOptimizerState.Open(path, entry);
        }

        if (TorchSharpOptimizerState.Recognizes(start))
        {
            return TorchSharpOptimizerState.Open(path);
        }

        if (start.Length > 8 && start[8] == '{')
        {
            return OptimizerFile.Open(path);
        }

        if (TorchSharpOptimizerState.IsFused(start))
        {
            throw new InvalidDataException($"{path}: written by save_state_dict of a fused optimizer: read it with load_state_dict, or write it with Save");
        }

        string what = start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x80, 2]) || start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x80, 4])
            ? "it is a bare pickle, as torch.save wrote before PyTorch 1.6; load it there and save it again"
            : "give a file of FusedOptimizer.Save (.safetensors), of PyTorch's torch.save(optimizer.state_dict()) or of TorchSharp's save_state_dict";
        throw new InvalidDataException($"{path}: not an optimizer's state: it begins with \"{Printable(start)}\"; {what}");
    }

    /// <inheritdoc/>
    public void Dispose() => _source?.Dispose();

    private static byte[] Start(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var start = new byte[64];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static string Printable(byte[] start) =>
        Encoding.ASCII.GetString([.. start.Take(8).Select(static value => value is >= 32 and < 127 ? value : (byte)'.')]);
}
