using Descent.Torch;
using Descent.Training.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>The scratch file of the optimizer's states, and of parameters that were made in memory.</summary>
internal static class StateArena
{
    /// <summary>Puts what <see cref="MemoryOptions.Disk"/> names into a file; null where that is nothing of it.</summary>
    /// <returns>The file of the states: the model's own where that has one.</returns>
    /// <exception cref="BadInputException">The folder can't be used, or has too little room for what will lie there.</exception>
    public static MappedArena? Open(Model model, MemoryOptions memory, Routing routing, FusedOptimizer optimizer)
    {
        if (memory.Disk == DiskUse.Nothing)
        {
            return null;
        }

        if (memory.ParametersOnDisk && model.Arena is null)
        {
            model.Arena = memory.OpenArena();
            MemoryOptions.Placing(() => Move(model, model.Arena));
        }

        if (!memory.StatesOnDisk)
        {
            return null;
        }

        MappedArena arena = model.Arena ?? memory.OpenArena();
        try
        {
            RequireRoom(memory.Folder!, routing.Table.Sum(static row => row.StateBytes));
        }
        catch when (arena != model.Arena)
        {
            arena.Dispose();
            throw;
        }

        optimizer.WithStorage(arena);
        return arena;
    }

    /// <summary>A module from code has its parameters in memory already.</summary>
    private static bool Move(Model model, MappedArena arena)
    {
        using IDisposable noGrad = no_grad();
        foreach (Parameter parameter in model.parameters())
        {
            using Tensor place = arena.Allocate(parameter.shape, parameter.dtype);
            place.copy_(parameter);
            parameter.set_(place);
            MappedArena.Release(parameter);
        }

        return true;
    }

    // States are made in the first step, hours after the start where the data is large.
    private static void RequireRoom(string folder, long bytes)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new BadInputException(
                $"memory.folder: {folder} has {free / 1e9:0.0} GB free, the optimizer's states take {bytes / 1e9:0.0} GB; make room, give a folder on another disk, or set optimizer.state to int8");
        }
    }
}
