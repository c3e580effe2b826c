using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Descent.Torch;
using Descent.Training.Parametrization;
using static TorchSharp.torch;

namespace Descent.Training.Checkpoints;

/// <summary>One checkpoint's folder: weights, optimizer states, the trainer's own state, and their checksums.</summary>
/// <remarks>
/// <c>SHA256SUMS</c> has the form <c>sha256sum --check</c> reads, so that a copy can be verified without Descent.
/// </remarks>
public sealed class Checkpoint
{
    internal const string ModelFile = "model.safetensors";
    internal const string TrainingFile = "training.safetensors";
    internal const string OptimizerFile = "optimizer.safetensors";
    internal const string StateFile = "trainer.json";
    internal const string ChecksumFile = "SHA256SUMS";

    private Checkpoint(string path, TrainerState state)
    {
        Path = path;
        State = state;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The trainer's state at that step.</summary>
    public TrainerState State { get; }

    /// <summary>
    /// The file of the model's parameters and buffers as they are in training, where those that were measured are others: an average, or an optimizer's own point. It
    /// is not there where they are the same.
    /// </summary>
    public string TrainingPath => System.IO.Path.Combine(Path, TrainingFile);

    /// <summary>The file of the model's parameters and buffers as they were measured: what to use the model with.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, ModelFile);

    /// <summary>The file of the optimizer's state tensors, named "parameter/state".</summary>
    public string OptimizerPath => System.IO.Path.Combine(Path, OptimizerFile);

    /// <summary>Opens a checkpoint after verifying every checksum.</summary>
    /// <exception cref="BadInputException">A file is missing, damaged or written by a newer version.</exception>
    public static Checkpoint Open(string path)
    {
        foreach ((string file, string expected) in ReadChecksums(path))
        {
            string actual = HashOf(System.IO.Path.Combine(path, file));
            if (actual != expected)
            {
                throw new BadInputException($"{System.IO.Path.Combine(path, file)}: damaged (its SHA-256 starts with {actual[..12]}, {expected[..12]} was written)");
            }
        }

        string statePath = System.IO.Path.Combine(path, StateFile);
        TrainerState? state;
        try
        {
            state = JsonSerializer.Deserialize(File.ReadAllText(statePath), TrainerStateJson.Default.TrainerState);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new BadInputException($"{statePath}: cannot be read ({exception.Message})", exception);
        }

        if (state is null || state.SchemaVersion > TrainerState.CurrentSchemaVersion)
        {
            throw new BadInputException($"{statePath}: its schema version is {state?.SchemaVersion.ToString(CultureInfo.InvariantCulture) ?? "missing"}, "
                + $"this version reads up to {TrainerState.CurrentSchemaVersion}; use the version that wrote it, or a newer one");
        }

        return new Checkpoint(path, state);
    }

    /// <summary>Writes the files of a checkpoint into an existing, empty folder and flushes each of them.</summary>
    internal static void Write(
        string path,
        TrainerState state,
        IEnumerable<(string Name, Tensor Tensor)> model,
        IEnumerable<(string Name, Tensor Tensor)> optimizer,
        IReadOnlyDictionary<string, string>? aboutOptimizer,
        IEnumerable<(string Name, Tensor Tensor)>? training,
        string? multipliers)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["step"] = state.Step.ToString(CultureInfo.InvariantCulture) };
        Dictionary<string, string> aboutModel = multipliers is null ? metadata : new(metadata) { [WeightFold.MultipliersKey] = multipliers };
        string modelHash = SafeTensors.Write(System.IO.Path.Combine(path, ModelFile), model, aboutModel);
        string optimizerHash = SafeTensors.Write(System.IO.Path.Combine(path, OptimizerFile), optimizer, new Dictionary<string, string>([.. metadata.UnionBy(aboutOptimizer ?? metadata, entry => entry.Key)]));
        string trainingLine = training is null ? "" : $"{SafeTensors.Write(System.IO.Path.Combine(path, TrainingFile), training, aboutModel)}  {TrainingFile}\n";
        string json = JsonSerializer.Serialize(state, TrainerStateJson.Default.TrainerState) + "\n";
        AtomicFile.WriteFlushed(System.IO.Path.Combine(path, StateFile), json);
        string stateHash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(json)));
        AtomicFile.WriteFlushed(
            System.IO.Path.Combine(path, ChecksumFile),
            $"{modelHash}  {ModelFile}\n{optimizerHash}  {OptimizerFile}\n{stateHash}  {StateFile}\n{trainingLine}");
        AtomicFile.FlushDirectory(path);
    }

    private static List<(string File, string Hash)> ReadChecksums(string path)
    {
        string sums = System.IO.Path.Combine(path, ChecksumFile);
        if (!File.Exists(sums))
        {
            throw new BadInputException($"{path}: {ChecksumFile} is missing, the checkpoint is not whole");
        }

        var checksums = new List<(string File, string Hash)>();
        foreach (string line in File.ReadLines(sums))
        {
            string[] parts = line.Split("  ", 2);
            if (parts.Length == 2 && parts[0].Length == 64)
            {
                checksums.Add((parts[1], parts[0]));
            }
        }

        string[] missing = new[] { ModelFile, OptimizerFile, StateFile }.Except(checksums.Select(entry => entry.File)).ToArray();
        return missing.Length == 0 ? checksums : throw new BadInputException($"{sums}: damaged, no checksum of {string.Join(", ", missing)}");
    }

    private static string HashOf(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (IOException exception)
        {
            throw new BadInputException($"{path}: cannot be read ({exception.Message})", exception);
        }
    }
}
