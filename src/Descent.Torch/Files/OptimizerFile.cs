using System.Text.Json;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// Descent's own format of optimizer states: a safetensors file whose tensors are named "parameter/state" and whose header says the rest, so that one
/// file carries an optimizer over.
/// </summary>
/// <remarks>
/// The entry <c>descent.optimizer</c> of the header's metadata is JSON with <c>schema_version</c> (1, or 2 where states are encoded), <c>groups</c> (each with its rule as text and the names of its
/// parameters), <c>steps</c> (by parameter), <c>shared</c> (what rules carry for a whole group) and <c>encoded</c> (codec, shape and sign of states whose
/// tensors are codes and scales).
/// </remarks>
public static class OptimizerFile
{
    private const string Entry = "descent.optimizer";

    /// <summary>The live state tensors under the names of the file.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public static IEnumerable<(string Name, Tensor Tensor)> Tensors(FusedOptimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return optimizer.States.Select(static state => ($"{state.Parameter}/{state.State}", state.Value));
    }

    /// <summary>The metadata that makes the file describe itself.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public static IReadOnlyDictionary<string, string> Metadata(FusedOptimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        var encoded = optimizer.EncodedStates.ToDictionary(
            static state => $"{state.Parameter}/{state.State}", static state => new OptimizerFileContent.EncodedState(state.Codec, state.Shape, state.NonNegative));
        var content = new OptimizerFileContent
        {
            SchemaVersion = encoded.Count > 0 ? OptimizerFileContent.CurrentSchemaVersion : 1,
            Encoded = encoded.Count > 0 ? encoded : null,
            Groups = [.. optimizer.Rules.Select(static group => new OptimizerFileContent.Group($"{group.Options}", [.. group.Names]))],
            Steps = optimizer.Names.Select(name => (name, step: optimizer.StepOf(name))).Where(static entry => entry.step > 0).ToDictionary(),
            Shared = optimizer.SharedStates.ToDictionary(),
        };
        return new Dictionary<string, string>
        {
            ["format"] = "pt",
            [Entry] = JsonSerializer.Serialize(content, OptimizerFileJson.Default.OptimizerFileContent),
        };
    }

    /// <summary>Whether a file says itself what it is; those of the first version didn't.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static bool DescribesItself(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return file.Metadata.ContainsKey(Entry);
    }

    internal static SavedOptimizer Open(string path)
    {
        SafeTensorsFile file = SafeTensorsFile.Open(path);
        try
        {
            return Read(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SavedOptimizer Read(string path, SafeTensorsFile file)
    {
        OptimizerFileContent content = ReadContent(path, file);
        var states = new Dictionary<string, Dictionary<string, SavedTensor>>(StringComparer.Ordinal);
        foreach (string name in file.Names)
        {
            // Parameter names hold dots, never slashes: those would be file paths in other formats.
            int slash = name.LastIndexOf('/');
            if (slash < 0)
            {
                throw new InvalidDataException($"{path}: '{name}' isn't named \"parameter/state\"; the file holds something else than an optimizer's state");
            }

            if (!states.TryGetValue(name[..slash], out Dictionary<string, SavedTensor>? ofParameter))
            {
                states[name[..slash]] = ofParameter = new(StringComparer.Ordinal);
            }

            ofParameter[name[(slash + 1)..]] = new SavedTensor([.. file.ShapeOf(name)], file.TypeOf(name), () => file.Read(name));
        }

        foreach ((string name, OptimizerFileContent.EncodedState state) in content.Encoded ?? new Dictionary<string, OptimizerFileContent.EncodedState>())
        {
            int slash = name.LastIndexOf('/');
            SavedEncoding.Join(path, states.GetValueOrDefault(name[..Math.Max(slash, 0)]), name[(slash + 1)..], state);
        }

        var groups = new List<SavedGroup>();
        var parameters = new List<SavedParameter>();
        foreach (OptimizerFileContent.Group group in content.Groups)
        {
            groups.Add(new SavedGroup(new Dictionary<string, object?>(), [.. Enumerable.Range(parameters.Count, group.Parameters.Count)]) { Rule = group.Rule });
            foreach (string name in group.Parameters)
            {
                parameters.Add(new SavedParameter(parameters.Count, name)
                {
                    Step = content.Steps.GetValueOrDefault(name),
                    States = states.Remove(name, out Dictionary<string, SavedTensor>? found) ? found : [],
                });
            }
        }

        return states.Count == 0
            ? new SavedOptimizer(path, SavedOptimizer.Descent, groups, parameters, file) { Shared = content.Shared }
            : throw new InvalidDataException($"{path}: '{states.First().Key}' has a state, but is in no group of its header; the file is damaged, take another copy");
    }

    private static OptimizerFileContent ReadContent(string path, SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Entry, out string? text))
        {
            throw new InvalidDataException($"{path}: its header doesn't say what an optimizer's would ('{Entry}'): it holds weights, or comes from Descent's first version; "
                + "give the optimizer.safetensors of a newer checkpoint");
        }

        OptimizerFileContent? content;
        try
        {
            content = JsonSerializer.Deserialize(text, OptimizerFileJson.Default.OptimizerFileContent);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: its header's '{Entry}' cannot be read ({exception.Message}); the file is damaged, take another copy", exception);
        }

        return content is { SchemaVersion: >= 1 and <= OptimizerFileContent.CurrentSchemaVersion }
            ? content
            : throw new InvalidDataException($"{path}: its schema version is {content?.SchemaVersion}; this version reads up to {OptimizerFileContent.CurrentSchemaVersion}. "
                + "Use the version that wrote it, or a newer one");
    }
}
