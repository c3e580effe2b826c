using Xunit;

// One test at a time: some force collections, under which TorchSharp's own optimizers, the references of others, use freed numbers.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
