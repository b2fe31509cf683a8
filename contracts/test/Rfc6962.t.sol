// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962} from "../Rfc6962.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {vm} from "./Vm.sol";

/// @dev The library behind an address, which also looks at what the assembly leaves of Solidity's memory.
contract Verifier {
    error BrokenMemory();

    modifier keepsMemory() {
        bytes memory before = "what was allocated before";
        uint256 free = freePointer();
        _;
        require(free == freePointer(), BrokenMemory());
        require(keccak256(before) == keccak256("what was allocated before"), BrokenMemory());
        require(new bytes(0).length == 0 && zeroSlot() == 0, BrokenMemory());
    }

    function consistent(uint256 m, bytes32 oldRoot, uint256 n, bytes32 newRoot, bytes32[] calldata proof)
        external
        view
        keepsMemory
        returns (bool)
    {
        return Rfc6962.verifyConsistency(m, oldRoot, n, newRoot, proof);
    }

    function included(bytes32 leaf, uint256 index, uint256 size, bytes32 root, bytes32[] calldata path)
        external
        view
        keepsMemory
        returns (bool)
    {
        return Rfc6962.verifyInclusion(leaf, index, size, root, path);
    }

    function freePointer() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    function zeroSlot() private pure returns (uint256 zero) {
        assembly ("memory-safe") {
            zero := mload(0x60)
        }
    }
}

contract Rfc6962Test {
    using NaiveTree for NaiveTree.Tree;

    uint256 private constant KINDS = 8;

    Verifier private verifier = new Verifier();

    /// @dev Both trees, both proofs of them, and a claim to check them by.
    struct Growth {
        uint256 m;
        uint256 n;
        bytes32 oldRoot;
        bytes32 newRoot;
        bytes32[] proof;
    }

    function test_everyProofOfEverySmallTreeIsAccepted() public view {
        NaiveTree.Tree memory tree = NaiveTree.Tree("small", true, 0);
        for (uint256 n = 1; n <= 20; n++) {
            for (uint256 m = 1; m < n; m++) {
                require(accepts(growth(tree, m, n)), "a proof of the definition");
            }
            for (uint256 index = 0; index < n; index++) {
                bytes32[] memory path = tree.path(index, 0, n);
                require(verifier.included(tree.leaf(index), index, n, tree.root(n), path), "a path");
            }
        }
    }

    function test_theLargestSizesAreNoSpecialCase() public view {
        uint64 most = type(uint64).max;
        uint64[8] memory sizes = [1, 2, most / 2, most / 2 + 1, most / 2 + 2, most - 2, most - 1, most];
        for (uint256 j = 1; j < sizes.length; j++) {
            for (uint256 i = 0; i < j; i++) {
                this.acceptGrowth(sizes[i], sizes[j]);
            }
        }
    }

    /// @dev By a call of its own, whose memory is gone after it.
    function acceptGrowth(uint256 m, uint256 n) external view {
        require(accepts(growth(NaiveTree.Tree("large", false, m - 1), m, n)), "a proof of the definition");
    }

    function test_noTreeExtendsItselfASmallerOneOrAnEmptyOne() public view {
        NaiveTree.Tree memory tree = NaiveTree.Tree("sizes", true, 0);
        bytes32[] memory none = new bytes32[](0);
        require(!verifier.consistent(0, sha256(""), 4, tree.root(4), none), "empty");
        require(!verifier.consistent(4, tree.root(4), 4, tree.root(4), none), "itself");
        require(!verifier.consistent(4, tree.root(4), 3, tree.root(3), none), "smaller");
        require(!verifier.included(tree.leaf(0), 0, 0, sha256(""), none), "nothing is in an empty tree");
        require(!verifier.included(tree.leaf(3), 3, 3, tree.root(3), tree.path(2, 0, 3)), "beyond the end");
    }

    function testFuzz_aConsistencyProofIsAcceptedAndEveryMutationRefused(
        bytes32 seed,
        uint8 sizeA,
        uint8 sizeB,
        uint256 pick
    ) public view {
        NaiveTree.Tree memory tree = NaiveTree.Tree(seed, true, 0);
        uint256 n = 2 + (sizeB % 63);
        refuseMutations(growth(tree, 1 + (sizeA % (n - 1)), n), pick);
    }

    function testFuzz_soItIsUpToTwoToTheSixtyFour(bytes32 seed, uint64 sizeA, uint64 sizeB, uint256 pick) public view {
        (uint256 m, uint256 n) = largeSizes(sizeA, sizeB, pick);
        NaiveTree.Tree memory tree = NaiveTree.Tree(seed, false, pick % n);
        refuseMutations(growth(tree, m, n), pick);
    }

    function testFuzz_anotherTreesRootIsRefused(bytes32 seed, uint64 sizeA, uint64 sizeB, uint256 pick) public view {
        (uint256 m, uint256 n) = largeSizes(sizeA, sizeB, pick);
        Growth memory right = growth(NaiveTree.Tree(seed, false, pick % m), m, n);
        // As large, with one leaf changed of those that the old tree had.
        Growth memory other = growth(NaiveTree.Tree(seed, false, ((pick % m) + 1) % m), m, n);
        if (m == 1) return;
        require(!verifier.consistent(m, right.oldRoot, n, other.newRoot, right.proof), "its proof");
        require(!verifier.consistent(m, right.oldRoot, n, other.newRoot, other.proof), "the other's proof");
        require(!verifier.consistent(m, other.oldRoot, n, right.newRoot, right.proof), "of another old tree");
        require(!verifier.consistent(m, right.oldRoot, n, right.oldRoot, right.proof), "the old root as the new");
        require(!verifier.consistent(m, right.newRoot, n, right.newRoot, right.proof), "the new root as the old");
    }

    /// @dev Sizes are bound loosely: what the RFC's own steps accept of a wrong one, and no more.
    function testFuzz_wrongSizesAreJudgedAsTheRfcDoes(
        bytes32 seed,
        uint64 sizeA,
        uint64 sizeB,
        uint64 wrongA,
        uint64 wrongB,
        uint256 pick
    ) public view {
        (uint256 m, uint256 n) = largeSizes(sizeA, sizeB, pick);
        Growth memory g = growth(NaiveTree.Tree(seed, false, pick % n), m, n);
        (uint256 otherM, uint256 otherN) = largeSizes(wrongA, wrongB, pick >> 8);
        judgeAlike(g, otherM, otherN);
        judgeAlike(g, m, otherN);
        judgeAlike(g, otherM, n);
        judgeAlike(g, m, n + 1);
        judgeAlike(g, m, n - 1);
        judgeAlike(g, m + 1, n);
        judgeAlike(g, m - 1, n);
    }

    function testFuzz_anythingElseIsJudgedAsTheRfcDoes(
        uint256 m,
        bytes32 oldRoot,
        uint256 n,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) public view {
        judgeAlike(Growth(m, n, oldRoot, newRoot, proof), m, n);
        judgeAlike(Growth(m, n, oldRoot, newRoot, proof), m % 8, n % 8);
        bool included = verifier.included(oldRoot, m, n, newRoot, proof);
        require(included == NaiveTree.included(oldRoot, m, n, newRoot, proof), "judged otherwise");
    }

    function testFuzz_aPathIsAcceptedAndEveryMutationRefused(bytes32 seed, uint64 sizeA, uint64 sizeB, uint256 pick)
        public
        view
    {
        (uint256 index, uint256 size) = largeSizes(sizeA, sizeB, pick);
        index--;
        NaiveTree.Tree memory tree = NaiveTree.Tree(seed, false, pick % size);
        (bytes32 leaf, bytes32 root) = (tree.leaf(index), tree.root(size));
        bytes32[] memory path = tree.path(index, 0, size);
        require(verifier.included(leaf, index, size, root, path), "the path of the definition");
        for (uint256 kind = 0; kind < KINDS; kind++) {
            bytes32[] memory wrong = mutate(path, kind, pick);
            if (same(path, wrong)) continue;
            require(!verifier.included(leaf, index, size, root, wrong), "a mutated path");
        }
        require(!verifier.included(flip(leaf, pick), index, size, root, path), "another leaf");
        require(!verifier.included(leaf, index, size, flip(root, pick), path), "another root");
        for (uint256 i = 0; i < 4; i++) {
            uint256 wrong = [index + 1, size - 1 - index, index ^ (1 << (pick % 64)), pick][i];
            bool expected = NaiveTree.included(leaf, wrong, size, root, path);
            require(verifier.included(leaf, wrong, size, root, path) == expected, "another index");
            expected = NaiveTree.included(leaf, index, wrong, root, path);
            require(verifier.included(leaf, index, wrong, root, path) == expected, "another size");
        }
    }

    /// @dev A chain without the precompile: the call succeeds, and answers nothing. What lay where the hash should be is the
    /// left child, which without the check on the answer's length would be taken for the new root.
    function test_withoutThePrecompileNothingIsAccepted() public {
        bytes32[] memory one = new bytes32[](1);
        NaiveTree.Tree memory tree = NaiveTree.Tree("absent", true, 0);
        Growth memory g = growth(tree, 3, 7);
        bytes32 leaf = tree.leaf(0);
        vm.mockCall(address(2), "", "");
        require(!verifier.consistent(1, leaf, 2, leaf, one), "consistency");
        require(!accepts(g), "a proof that is right");
        require(!verifier.included(one[0], 0, 2, one[0], one), "inclusion, the right child");
        require(!verifier.included(one[0], 1, 2, one[0], one), "inclusion, the left child");
        vm.clearMockedCalls();
        require(accepts(g), "the precompile should be back");
    }

    function test_ifThePrecompileFailsNothingIsAccepted() public {
        bytes32[] memory one = new bytes32[](1);
        bytes32 leaf = sha256("leaf");
        // 32 bytes all the same: the answer's length alone would not do.
        vm.mockCallRevert(address(2), "", abi.encode(leaf));
        require(!verifier.consistent(1, leaf, 2, leaf, one), "consistency");
        require(!verifier.included(leaf, 0, 2, leaf, one), "inclusion");
    }

    /// @dev Of each single hash: the right 32 bytes are in place after the call, and only that it failed, or that it answered
    /// more, is wrong.
    function test_everyAnswerOfThePrecompileIsChecked() public {
        NaiveTree.Tree memory tree = NaiveTree.Tree("checked", true, 0);
        Growth memory g = growth(tree, 3, 7);
        bytes32[] memory path = tree.path(3, 0, 7);
        bytes32[2][4] memory children = [
            [tree.leaf(2), tree.leaf(3)],
            [tree.range(0, 2), tree.leaf(2)],
            [tree.range(0, 2), tree.range(2, 4)],
            [tree.range(0, 4), tree.range(4, 7)]
        ];
        for (uint256 i = 0; i < children.length; i++) {
            bytes memory input = abi.encodePacked(hex"01", children[i][0], children[i][1]);
            bytes32 right = sha256(input);
            vm.mockCallRevert(address(2), input, abi.encode(right));
            require(!accepts(g), "a failed call");
            // The old tree's own node is on no path.
            bool onPath = i != 1;
            require(verifier.included(tree.leaf(3), 3, 7, g.newRoot, path) != onPath, "a failed call on the path");
            vm.clearMockedCalls();
            vm.mockCall(address(2), input, abi.encode(right, right));
            require(!accepts(g), "a longer answer");
            require(verifier.included(tree.leaf(3), 3, 7, g.newRoot, path) != onPath, "a longer answer on the path");
            vm.clearMockedCalls();
            require(accepts(g), "the right answer");
        }
    }

    /// @dev Too little gas makes a precompile call fail, not the transaction: nothing may come of it.
    function testFuzz_tooLittleGasNeverMakesAWrongProofRight(uint256 gasLimit, bytes32 root) public view {
        bytes32[] memory one = new bytes32[](1);
        bytes memory call = abi.encodeCall(Verifier.consistent, (1, root, 2, root, one));
        (bool returned, bytes memory answer) = address(verifier).staticcall{gas: 500 + (gasLimit % 5000)}(call);
        require(!returned || !abi.decode(answer, (bool)), "accepted");
    }

    function growth(NaiveTree.Tree memory tree, uint256 m, uint256 n) private pure returns (Growth memory) {
        return Growth(m, n, tree.root(m), tree.root(n), tree.proof(m, n));
    }

    function accepts(Growth memory g) private view returns (bool) {
        return verifier.consistent(g.m, g.oldRoot, g.n, g.newRoot, g.proof);
    }

    function refuseMutations(Growth memory g, uint256 pick) private view {
        require(accepts(g), "the proof of the definition");
        for (uint256 kind = 0; kind < KINDS; kind++) {
            bytes32[] memory wrong = mutate(g.proof, kind, pick);
            if (same(g.proof, wrong)) continue;
            require(!verifier.consistent(g.m, g.oldRoot, g.n, g.newRoot, wrong), "a mutated proof");
        }
        require(!verifier.consistent(g.m, flip(g.oldRoot, pick), g.n, g.newRoot, g.proof), "another old root");
        require(!verifier.consistent(g.m, g.oldRoot, g.n, flip(g.newRoot, pick), g.proof), "another new root");
    }

    function judgeAlike(Growth memory g, uint256 m, uint256 n) private view {
        bool expected = NaiveTree.consistent(m, g.oldRoot, n, g.newRoot, g.proof);
        require(verifier.consistent(m, g.oldRoot, n, g.newRoot, g.proof) == expected, "judged otherwise");
    }

    /// @dev Of every magnitude, and often near each other.
    function largeSizes(uint64 a, uint64 b, uint256 pick) private pure returns (uint256 m, uint256 n) {
        n = uint256(b >> uint8(pick % 64));
        if (n < 2) n += 2;
        m = pick & 0x100 == 0 ? 1 + (a % (n - 1)) : n - 1 - (a % (n < 32 ? n - 1 : 30));
    }

    function mutate(bytes32[] memory hashes, uint256 kind, uint256 pick) private pure returns (bytes32[] memory) {
        if (kind == 0) return NaiveTree.append(hashes, bytes32(pick));
        if (kind == 1) return NaiveTree.prepend(bytes32(pick), hashes);
        if (hashes.length == 0) return hashes;
        uint256 place = pick % hashes.length;
        if (kind == 2) return NaiveTree.append(hashes, hashes[place]);
        if (kind == 3) return without(hashes, hashes.length - 1);
        if (kind == 4) return without(hashes, 0);
        if (kind == 5) return without(hashes, place);
        bytes32[] memory copy = NaiveTree.append(without(hashes, hashes.length - 1), hashes[hashes.length - 1]);
        if (kind == 6) copy[place] = flip(copy[place], pick);
        else (copy[place], copy[(place + 1) % copy.length]) = (copy[(place + 1) % copy.length], copy[place]);
        return copy;
    }

    function without(bytes32[] memory hashes, uint256 place) private pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](hashes.length - 1);
        for (uint256 i = 0; i < shorter.length; i++) shorter[i] = hashes[i < place ? i : i + 1];
    }

    function same(bytes32[] memory a, bytes32[] memory b) private pure returns (bool) {
        return keccak256(abi.encode(a)) == keccak256(abi.encode(b));
    }

    function flip(bytes32 hash, uint256 pick) private pure returns (bytes32) {
        return hash ^ bytes32(1 << ((pick >> 16) % 256));
    }
}
