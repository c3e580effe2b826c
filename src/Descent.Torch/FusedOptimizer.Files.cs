using Descent.Optimizers;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

// How an optimizer's state goes to a file and comes from one, whoever wrote it.
public abstract partial class FusedOptimizer
{
    /// <summary>The rule of each group, and the names of its parameters.</summary>
    internal IEnumerable<(RuleOptions Options, IEnumerable<string> Names)> Rules =>
        _runners.Select(static runner => (runner.Settings, runner.Parameters.Select(static parameter => parameter.Name)));

    /// <summary>The states that are codes and scales.</summary>
    internal IEnumerable<(string Parameter, string State, string Codec, long[] Shape, bool NonNegative)> EncodedStates => _byName.Values.SelectMany(
        static parameter => parameter.Encoded.Select(state => (parameter.Name, state.State, StateCodec.Of(parameter.Format).Name, state.Shape, state.NonNegative)));

    /// <summary>
    /// Writes states, step counts and what rules carry for their groups into one file, by parameter name, in the safetensors format. A crash leaves the old
    /// file or the new one.
    /// </summary>
    /// <param name="path">The file, by custom <c>….safetensors</c>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            SafeTensors.Write(temporary, OptimizerFile.Tensors(this), OptimizerFile.Metadata(this));
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>
    /// Takes over the state in a file of <see cref="Save"/>, of PyTorch or of TorchSharp, see <see cref="SavedOptimizer"/>. Rates and other settings stay this optimizer's own.
    /// Nothing is changed unless everything fits.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="order">
    /// For files that number parameters: this optimizer's names in the order of the numbers. Default: <see cref="Names"/>, which is right where both optimizers got
    /// <c>model.parameters()</c>; two groups, matrices first and the rest after them, are recognised.
    /// </param>
    /// <returns>The settings in the file that differ from this optimizer's, for people to read; empty when all agree.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged or doesn't fit; the message says what differs.</exception>
    /// <example><code>
    /// using FusedOptimizer optimizer = Fused.AdamW(model.named_parameters(), lr: 3e-4);
    /// foreach (string difference in optimizer.Load("optimizer.pt")) Console.WriteLine(difference);
    /// </code></example>
    public IReadOnlyList<string> Load(string path, IEnumerable<string>? order = null)
    {
        using SavedOptimizer saved = SavedOptimizer.Open(path);
        return Load(saved, order);
    }

    /// <inheritdoc cref="Load(string, IEnumerable{string})"/>
    /// <param name="saved">The open file.</param>
    /// <param name="order">For files that number parameters: this optimizer's names in the order of the numbers.</param>
    public IReadOnlyList<string> Load(SavedOptimizer saved, IEnumerable<string>? order = null)
    {
        StateTransfer transfer = Transfer(saved, order);
        transfer.RequireFit();
        transfer.Apply();
        foreach ((string name, double value) in saved.Shared)
        {
            SetSharedState(name, value);
        }

        return transfer.Differences();
    }

    /// <summary>Looks whether <see cref="Load(SavedOptimizer, IEnumerable{string})"/> would succeed, and changes nothing.</summary>
    /// <param name="saved">The open file.</param>
    /// <param name="order">For files that number parameters: this optimizer's names in the order of the numbers.</param>
    /// <exception cref="InvalidDataException">It doesn't fit; the message says what differs.</exception>
    public void RequireFit(SavedOptimizer saved, IEnumerable<string>? order = null) => Transfer(saved, order).RequireFit();

    private StateTransfer Transfer(SavedOptimizer saved, IEnumerable<string>? order)
    {
        ArgumentNullException.ThrowIfNull(saved);
        var rules = _runners.SelectMany(static runner => runner.Parameters.Select(parameter => new StateTransfer.Target(parameter, runner.Settings, runner.StatesOf(parameter))))
            .ToDictionary(static target => target.State.Name, StringComparer.Ordinal);
        string[] names = [.. order ?? _byName.Keys];
        foreach (string name in names)
        {
            Find(name);
        }

        return new StateTransfer(saved, [.. names.Select(name => rules[name])], SharedStates.Select(static entry => entry.Name));
    }
}
