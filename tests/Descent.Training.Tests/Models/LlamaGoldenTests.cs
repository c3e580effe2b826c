using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

public sealed class LlamaGoldenTests
{
    private static readonly GptOptions Stories = new()
    {
        Layers = 5,
        Width = 64,
        Heads = 8,
        KeyValueHeads = 4,
        Hidden = 172,
        Context = 512,
        Activation = FeedForwardKind.SwiGlu,
        Rotation = RotationKind.Half,
        NormEpsilon = 1e-5,
    };

    [Fact]
    public void Forward_WithLlamaWeights_GreedilyGivesTheRecordedTokens()
    {
        string folder = SharedData.Folder("weights/stories260K");
        using GptModel model = Load(Path.Combine(folder, "model.safetensors"));
        int[] expected = Expected(folder);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        long[] tokens = [.. expected.Select(token => (long)token)];
        Tensor logits_1TV = model.call(tensor(tokens).unsqueeze(0));
        long[] next = logits_1TV.argmax(-1).data<long>().ToArray();

        // One pass over the recorded text: at every place the largest logit must be the next recorded token.
        Assert.Equal(tokens[1..], next[..^1]);
    }

    private static GptModel Load(string path)
    {
        var model = (GptModel)Stories.Build(TestModels.Text(512, 512));
        byte[] file = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        Tensor Read(string name)
        {
            JsonElement entry = header.RootElement.GetProperty(name);
            long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];
            int[] offsets = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt32())];
            ReadOnlySpan<byte> bytes = file.AsSpan(8 + headerLength + offsets[0], offsets[1] - offsets[0]);
            return tensor(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), shape);
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            string[] sources = LlamaNames(name);
            Tensor value = cat([.. sources.Select(Read)], 0);
            Assert.Equal(value.shape, parameter.shape);
            parameter.copy_(value);
        }

        return model;
    }

    private static string[] LlamaNames(string name)
    {
        string[] parts = name.Split('.');
        string layer = parts.Length > 1 ? $"model.layers.{parts[1]}" : "";
        return name switch
        {
            "embedding.tokens" => ["model.embed_tokens.weight"],
            "head.norm.weight" => ["model.norm.weight"],
            _ when name.EndsWith("attention_norm.weight") => [$"{layer}.input_layernorm.weight"],
            _ when name.EndsWith("mlp_norm.weight") => [$"{layer}.post_attention_layernorm.weight"],
            _ when name.EndsWith("attention.qkv.weight") =>
                [$"{layer}.self_attn.q_proj.weight", $"{layer}.self_attn.k_proj.weight", $"{layer}.self_attn.v_proj.weight"],
            _ when name.EndsWith("attention.output.weight") => [$"{layer}.self_attn.o_proj.weight"],
            _ when name.EndsWith("mlp.gate_up.weight") => [$"{layer}.mlp.gate_proj.weight", $"{layer}.mlp.up_proj.weight"],
            _ when name.EndsWith("mlp.down.weight") => [$"{layer}.mlp.down_proj.weight"],
            _ => throw new InvalidOperationException(name),
        };
    }

    private static int[] Expected(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected-greedy.json")));
        return [.. document.RootElement.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32())];
    }
}
