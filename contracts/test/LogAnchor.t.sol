// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogAnchor} from "../LogAnchor.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {SignedCheckpoint, Signing} from "./Signing.sol";
import {vm} from "./Vm.sol";

contract LogAnchorTest {
    using NaiveTree for NaiveTree.Tree;
    using Signing for LogAnchor;

    string private constant ORIGIN = "example.org/log";
    bytes32 private constant ORIGIN_HASH = keccak256(bytes(ORIGIN));
    address private constant ALICE = address(0xa11ce);
    address private constant MALLORY = address(0xbad);
    uint256 private constant KEY = 0xa11ce;
    uint256 private constant OTHER_KEY = 0xbad;
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    LogAnchor private anchors = new LogAnchor();
    NaiveTree.Tree private tree = NaiveTree.Tree("alice's", true, 0);
    NaiveTree.Tree private branch = NaiveTree.Tree("not alice's", true, 0);

    // Single records

    function testFuzz_theFirstSubmitterStays(bytes32 hash, address first, address second, uint64 later) public {
        vm.assume(hash != 0);
        vm.warp(1000);
        submitAs(first, hash);
        vm.warp(1000 + uint256(later));
        submitAs(second, hash);
        require(anchors.getSubmitter(hash) == first, "submitter");
        require(anchors.getTimestamp(hash) == 1000, "time");
        require(anchors.exists(hash), "exists");
    }

    /// @dev As the original does: the event is of the call, not of the record.
    function submitAs(address sender, bytes32 hash) private {
        vm.expectEmit(address(anchors));
        emit LogAnchor.Submitted(hash, sender, block.timestamp);
        vm.prank(sender);
        anchors.submit(hash);
    }

    function testFuzz_whatNobodySubmittedDoesNotExist(bytes32 hash) public view {
        require(!anchors.exists(hash), "exists");
        require(anchors.getSubmitter(hash) == address(0) && anchors.getTimestamp(hash) == 0, "something");
    }

    function test_theZeroHashIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(LogAnchor.InvalidHash.selector));
        anchors.submit(0);
    }

    // Whose log it is

    function testFuzz_idsAreOfTheAccountTheOriginAndTheKind(address account, bytes32 origin) public view {
        bytes32 ofSender = anchors.senderLogId(account, origin);
        bytes32 ofSigner = anchors.signerLogId(account, origin);
        require(ofSender == keccak256(abi.encode(uint8(0), account, origin)), "sender's");
        require(ofSigner == keccak256(abi.encode(uint8(1), account, origin)), "signer's");
    }

    function testFuzz_theDigestIsThatOfEip712(bytes32 originHash, uint64 size, bytes32 root, uint64 chain) public {
        vm.assume(size != 0 && chain != 0);
        vm.chainId(chain);
        SignedCheckpoint memory signed = anchors.signHash(KEY, originHash, size, root);
        anchors.anchorSigned(originHash, size, root, signed.r, signed.vs, new bytes32[](0));
        require(anchors.head(anchors.signerLogId(vm.addr(KEY), originHash)).size == size, "another key's log");
    }

    // A head, and what may follow it

    function testFuzz_theFirstCheckpointIsAnyBut(uint64 size, bytes32 root, bytes32[] calldata proof) public {
        vm.assume(size != 0 && proof.length != 0);
        bytes32[] memory none = new bytes32[](0);
        expect(LogAnchor.BadCheckpoint.selector);
        anchors.anchor(ORIGIN_HASH, size, root, proof);
        expect(LogAnchor.BadCheckpoint.selector);
        anchors.anchor(ORIGIN_HASH, 0, root, none);
        anchors.anchor(ORIGIN_HASH, size, root, none);
        expect(LogAnchor.BadCheckpoint.selector);
        anchors.anchor(ORIGIN_HASH, 0, root, none);
    }

    function test_aHeadSaysWhatWasAnchoredWhenAndTheHowManieth() public {
        bytes32 id = anchors.senderLogId(ALICE, ORIGIN_HASH);
        uint64[3] memory sizes = [uint64(3), 4, 11];
        for (uint64 i = 0; i < 3; i++) {
            vm.warp(1_800_000_000 + i);
            vm.roll(77 + i);
            bytes32[] memory proof = i == 0 ? new bytes32[](0) : tree.proof(sizes[i - 1], sizes[i]);
            bytes32 root = tree.root(sizes[i]);
            vm.expectEmit(address(anchors));
            emit LogAnchor.Checkpoint(id, sizes[i], root);
            vm.prank(ALICE);
            anchors.anchor(ORIGIN_HASH, sizes[i], root, proof);
            LogAnchor.Head memory head = anchors.head(id);
            require(head.root == root && head.size == sizes[i], "checkpoint");
            require(head.time == 1_800_000_000 + i && head.blockNumber == 77 + i && head.count == i + 1, "place");
        }
    }

    function testFuzz_theFourNumbersDoNotReachIntoEachOther(uint64 size, uint64 time, uint64 number) public {
        vm.assume(size > 1);
        NaiveTree.Tree memory large = NaiveTree.Tree("large", false, 0);
        vm.warp(time);
        vm.roll(number);
        anchors.anchor(ORIGIN_HASH, size - 1, large.root(size - 1), new bytes32[](0));
        anchors.anchor(ORIGIN_HASH, size, large.root(size), large.proof(size - 1, size));
        LogAnchor.Head memory head = anchors.head(anchors.senderLogId(address(this), ORIGIN_HASH));
        require(head.size == size && head.time == time && head.blockNumber == number && head.count == 2, "packed");
    }

    /// @dev Every head, and not only its neighbour, begins the later ones.
    function testFuzz_everyAcceptedHeadIsConsistentWithEveryEarlierOne(bytes32 seed, uint8[6] calldata growth) public {
        NaiveTree.Tree memory grown = NaiveTree.Tree(seed, true, 0);
        uint64[6] memory sizes;
        bytes32 id = anchors.senderLogId(ALICE, ORIGIN_HASH);
        for (uint256 i = 0; i < 6; i++) {
            sizes[i] = (i == 0 ? 0 : sizes[i - 1]) + 1 + (growth[i] % 16);
            anchorAs(ALICE, grown, i == 0 ? 0 : sizes[i - 1], sizes[i]);
            bytes32 root = anchors.head(id).root;
            for (uint256 j = 0; j < i; j++) {
                bytes32[] memory proof = grown.proof(sizes[j], sizes[i]);
                require(NaiveTree.consistent(sizes[j], grown.root(sizes[j]), sizes[i], root, proof), "inconsistent");
            }
        }
        require(anchors.head(id).count == 6, "count");
    }

    function testFuzz_noHeadGoesBackOrStays(uint8 size, uint8 other) public {
        uint64 m = 1 + uint64(size);
        uint64 n = 1 + (uint64(other) % m);
        anchorAs(ALICE, tree, 0, m);
        refuseAs(ALICE, abi.encodeWithSelector(LogAnchor.Stale.selector, m), tree, n, n, m);
    }

    function testFuzz_noOtherBranchIsAccepted(uint8 size, uint8 growth) public {
        uint64 m = 1 + (uint64(size) % 60);
        uint64 n = m + 1 + (uint64(growth) % 60);
        bytes memory inconsistent = abi.encodeWithSelector(LogAnchor.Inconsistent.selector);
        anchorAs(ALICE, tree, 0, m);
        refuseAs(ALICE, inconsistent, branch, n, m, n);
        // With the right proof for the wrong root, too.
        bytes32 root = branch.root(n);
        bytes32[] memory proof = tree.proof(m, n);
        vm.prank(ALICE);
        vm.expectRevert(inconsistent);
        anchors.anchor(ORIGIN_HASH, n, root, proof);
        anchorAs(ALICE, tree, m, n);
    }

    /// @dev Consistency alone would let anyone extend a public tree, and its owner never anchor again.
    function test_aStrangerWhoExtendsYourTreeMovesTheirOwnLogAlone() public {
        anchorAs(ALICE, tree, 0, 6);
        bytes32 six = tree.root(6);
        // Six leaves of Alice's, the rest Mallory's: right of the old tree, any two hashes will do.
        (bytes32 older, bytes32 newer) = (tree.range(0, 4), tree.range(4, 6));
        bytes32 junk = NaiveTree.node("junk", "more junk");
        bytes32[] memory proof = new bytes32[](3);
        (proof[0], proof[1], proof[2]) = (newer, junk, older);
        bytes32 extended = NaiveTree.node(older, NaiveTree.node(newer, junk));
        vm.prank(MALLORY);
        anchors.anchor(ORIGIN_HASH, 6, six, new bytes32[](0));
        vm.prank(MALLORY);
        anchors.anchor(ORIGIN_HASH, 8, extended, proof);
        require(anchors.head(anchors.senderLogId(MALLORY, ORIGIN_HASH)).root == extended, "a valid proof");
        require(anchors.head(anchors.senderLogId(ALICE, ORIGIN_HASH)).root == six, "Alice's moved");
        anchorAs(ALICE, tree, 6, 9);
    }

    /// @dev The address 0xa11ce as a sender, and the key whose address is used as a sender's, are different logs.
    function test_theLogOfASenderIsNotThatOfASigner() public {
        address signer = vm.addr(KEY);
        anchorAs(signer, tree, 0, 5);
        require(anchors.head(anchors.signerLogId(signer, ORIGIN_HASH)).size == 0, "the signer's moved");
        anchorSigned(sign(3), 0);
        require(anchors.head(anchors.senderLogId(signer, ORIGIN_HASH)).size == 5, "the sender's moved");
        require(anchors.head(anchors.signerLogId(signer, ORIGIN_HASH)).size == 3, "the signer's didn't");
    }

    // Signed checkpoints

    function test_aSignedCheckpointIsAnchoredByWhomever() public {
        bytes32 id = anchors.signerLogId(vm.addr(KEY), ORIGIN_HASH);
        vm.prank(MALLORY);
        anchorSigned(sign(3), 0);
        vm.prank(ALICE);
        anchorSigned(sign(7), 3);
        require(anchors.head(id).root == tree.root(7) && anchors.head(id).count == 2, "head");
        require(anchors.head(anchors.senderLogId(ALICE, ORIGIN_HASH)).count == 0, "a relayer's own log");
    }

    function test_aReplayedCheckpointIsStale() public {
        (SignedCheckpoint memory three, SignedCheckpoint memory seven) = (sign(3), sign(7));
        anchorSigned(three, 0);
        refuseSigned(abi.encodeWithSelector(LogAnchor.Stale.selector, uint64(3)), three, 0);
        anchorSigned(seven, 3);
        refuseSigned(abi.encodeWithSelector(LogAnchor.Stale.selector, uint64(7)), three, 0);
        refuseSigned(abi.encodeWithSelector(LogAnchor.Stale.selector, uint64(7)), seven, 3);
    }

    function test_aRelayerMayAnchorACheckpointBetweenFirst() public {
        SignedCheckpoint memory nine = sign(9);
        anchorSigned(sign(3), 0);
        anchorSigned(sign(5), 3);
        refuseSigned(abi.encodeWithSelector(LogAnchor.Inconsistent.selector), nine, 3);
        anchorSigned(nine, 5);
    }

    /// @dev A signature of something else is by some key, which nobody has: the log that moves is nobody's.
    function test_aSignatureForAnotherChainContractOriginSizeOrRootIsNotTheKeys() public {
        vm.chainId(1);
        SignedCheckpoint memory signed = sign(3);
        bytes32 id = anchors.signerLogId(vm.addr(KEY), ORIGIN_HASH);
        LogAnchor other = new LogAnchor();
        other.anchorSigned(ORIGIN_HASH, 3, signed.root, signed.r, signed.vs, new bytes32[](0));
        require(other.head(other.signerLogId(vm.addr(KEY), ORIGIN_HASH)).size == 0, "another contract's");
        bytes32 otherOrigin = keccak256("example.org/other");
        anchors.anchorSigned(otherOrigin, 3, signed.root, signed.r, signed.vs, new bytes32[](0));
        require(anchors.head(anchors.signerLogId(vm.addr(KEY), otherOrigin)).size == 0, "another origin's");
        anchors.anchorSigned(ORIGIN_HASH, 4, signed.root, signed.r, signed.vs, new bytes32[](0));
        anchors.anchorSigned(ORIGIN_HASH, 3, branch.root(3), signed.r, signed.vs, new bytes32[](0));
        vm.chainId(10);
        anchors.anchorSigned(ORIGIN_HASH, 3, signed.root, signed.r, signed.vs, new bytes32[](0));
        require(anchors.head(id).size == 0, "the key's log moved");
        vm.chainId(1);
        anchorSigned(signed, 0);
        require(anchors.head(id).size == 3, "where it is for");
    }

    function testFuzz_aSignatureInAnotherFormIsNotTheKeys(uint256 key, uint64 size, bytes32 root) public {
        vm.assume(size != 0);
        key = 1 + (key % (ORDER - 1));
        SignedCheckpoint memory signed = anchors.signHash(key, ORIGIN_HASH, size, root);
        uint256 parity = uint256(signed.vs) & (1 << 255);
        uint256 s = uint256(signed.vs) ^ parity;
        // (r, n - s) with the other parity is the key's too. Nearly always that doesn't even fit beside the parity.
        require(
            ecrecover(digestOf(size, root), parity == 0 ? 28 : 27, signed.r, bytes32(ORDER - s)) == vm.addr(key),
            "the other form"
        );
        uint256[4] memory others =
            [ORDER - s, (ORDER - s) ^ (1 << 255), (ORDER - s) | (1 << 255), uint256(signed.vs) ^ (1 << 255)];
        for (uint256 i = 0; i < others.length; i++) {
            try anchors.anchorSigned(ORIGIN_HASH, size, root, signed.r, bytes32(others[i]), new bytes32[](0)) {} catch {}
            require(anchors.head(anchors.signerLogId(vm.addr(key), ORIGIN_HASH)).size == 0, "the key's log moved");
        }
    }

    /// @dev Half the order is the largest s. Beyond it, up to 2^255, the precompile would find a key.
    function test_theLargestSIsTheLast() public {
        bytes32 half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
        bytes32 high = bytes32(uint256(half) + 1);
        SignedCheckpoint memory signed = sign(3);
        address key = ecrecover(digestOf(3, signed.root), 27, signed.r, high);
        require(key != address(0), "the precompile takes it");
        signed.vs = high;
        refuseSigned(abi.encodeWithSelector(LogAnchor.BadSignature.selector), signed, 0);
        signed.vs = half;
        anchorSigned(signed, 0);
    }

    function test_whatIsNoSignatureIsRefused() public {
        SignedCheckpoint memory signed = sign(3);
        bytes32[2][6] memory wrong = [
            [bytes32(0), bytes32(0)],
            [bytes32(0), signed.vs],
            [signed.r, bytes32(0)],
            [signed.r, bytes32(uint256(1 << 255))],
            [bytes32(ORDER), signed.vs],
            [bytes32(type(uint256).max), bytes32(type(uint256).max)]
        ];
        for (uint256 i = 0; i < wrong.length; i++) {
            (signed.r, signed.vs) = (wrong[i][0], wrong[i][1]);
            refuseSigned(abi.encodeWithSelector(LogAnchor.BadSignature.selector), signed, 0);
        }
        require(anchors.head(anchors.signerLogId(address(0), ORIGIN_HASH)).size == 0, "a log of nobody's");
    }

    // Forks

    function test_twoSignedRootsOfOneSizeAreAForkForEver() public {
        SignedCheckpoint memory a = sign(5);
        SignedCheckpoint memory b = anchors.signHash(KEY, ORIGIN_HASH, 5, branch.root(5));
        bytes32 id = anchors.signerLogId(vm.addr(KEY), ORIGIN_HASH);
        anchorSigned(a, 0);
        require(!anchors.forked(id), "not yet");
        vm.expectEmit(address(anchors));
        emit LogAnchor.Fork(id, 5, a.root, b.root);
        vm.prank(MALLORY);
        report(a, b);
        require(anchors.forked(id), "forked");
        report(b, a);
        // The head stays, and the branch it is of may go on.
        require(anchors.head(id).root == a.root, "head");
        anchorSigned(sign(6), 5);
        require(anchors.forked(id), "for ever");
        require(!anchors.forked(anchors.senderLogId(vm.addr(KEY), ORIGIN_HASH)), "the sender's log is another");
    }

    function test_noLogIsSlandered() public {
        SignedCheckpoint memory a = sign(5);
        SignedCheckpoint memory others = anchors.signHash(OTHER_KEY, ORIGIN_HASH, 5, branch.root(5));
        SignedCheckpoint memory larger = anchors.signHash(KEY, ORIGIN_HASH, 6, branch.root(6));
        bytes memory notAFork = abi.encodeWithSelector(LogAnchor.NotAFork.selector);
        vm.expectRevert(notAFork);
        report(a, a);
        vm.expectRevert(notAFork);
        report(a, others);
        vm.expectRevert(notAFork);
        report(a, larger);
        vm.expectRevert(notAFork);
        report(larger, a);
        (others.r, others.vs) = (a.r, a.vs);
        vm.expectRevert(notAFork);
        report(a, others);
        (others.r, others.vs) = (0, 0);
        vm.expectRevert(abi.encodeWithSelector(LogAnchor.BadSignature.selector));
        report(a, others);
        require(!anchors.forked(anchors.signerLogId(vm.addr(KEY), ORIGIN_HASH)), "slandered");
    }

    // The head's leaves

    function testFuzz_aLeafOfTheHeadIsIncludedAndNoOther(uint8 sizeA, uint8 pick) public {
        uint64 size = 1 + (uint64(sizeA) % 60);
        uint64 index = uint64(pick) % size;
        bytes32 id = anchors.senderLogId(ALICE, ORIGIN_HASH);
        anchorAs(ALICE, tree, 0, size);
        bytes32[] memory path = tree.path(index, 0, size);
        require(anchors.verifyInclusion(id, index, tree.leaf(index), path), "included");
        require(!anchors.verifyInclusion(id, index, branch.leaf(index), path), "another leaf");
        require(!anchors.verifyInclusion(id, size, tree.leaf(index), path), "beyond the end");
        require(!anchors.verifyInclusion(id, index, tree.leaf(index), NaiveTree.append(path, 0)), "a longer path");
        require(!anchors.verifyInclusion(~id, index, tree.leaf(index), path), "of a log that isn't there");
        require(!anchors.verifyInclusion(id, index == 0 ? size : index - 1, tree.leaf(index), path), "another index");
    }

    // Money, and what there is no function for

    function test_noFunctionTakesMoney() public {
        bytes32[] memory none = new bytes32[](0);
        SignedCheckpoint memory a = sign(5);
        SignedCheckpoint memory b = anchors.signHash(KEY, ORIGIN_HASH, 5, branch.root(5));
        bytes[12] memory calls = [
            abi.encodeCall(LogAnchor.submit, ("record")),
            abi.encodeCall(LogAnchor.getSubmitter, ("record")),
            abi.encodeCall(LogAnchor.getTimestamp, ("record")),
            abi.encodeCall(LogAnchor.exists, ("record")),
            abi.encodeCall(LogAnchor.anchor, (ORIGIN_HASH, 5, a.root, none)),
            abi.encodeCall(LogAnchor.anchorSigned, (ORIGIN_HASH, 5, a.root, a.r, a.vs, none)),
            abi.encodeCall(LogAnchor.reportFork, (ORIGIN_HASH, 5, a.root, a.r, a.vs, b.root, b.r, b.vs)),
            abi.encodeCall(LogAnchor.head, ("log")),
            abi.encodeCall(anchors.forked, ("log")),
            abi.encodeCall(LogAnchor.verifyInclusion, ("log", 0, "leaf", none)),
            abi.encodeCall(LogAnchor.senderLogId, (ALICE, ORIGIN_HASH)),
            abi.encodeCall(LogAnchor.signerLogId, (ALICE, ORIGIN_HASH))
        ];
        vm.deal(address(this), 1 ether);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool paid,) = address(anchors).call{value: 1}(calls[i]);
            require(!paid, "a function took money");
            (bool unpaid,) = address(anchors).call(calls[i]);
            require(unpaid, "a function does not work without");
        }
        (bool sent,) = address(anchors).call{value: 1}("");
        require(!sent && address(anchors).balance == 0, "took money");
    }

    function testFuzz_thereIsNoOtherFunction(bytes calldata data) public {
        vm.assume(data.length < 4 || !known(bytes4(data[:4])));
        (bool answered,) = address(anchors).call(data);
        require(!answered, "an unknown function");
    }

    function known(bytes4 selector) private view returns (bool) {
        return selector == LogAnchor.submit.selector || selector == LogAnchor.getSubmitter.selector
            || selector == LogAnchor.getTimestamp.selector || selector == LogAnchor.exists.selector
            || selector == LogAnchor.anchor.selector || selector == LogAnchor.anchorSigned.selector
            || selector == LogAnchor.reportFork.selector || selector == LogAnchor.head.selector
            || selector == anchors.forked.selector || selector == LogAnchor.verifyInclusion.selector
            || selector == LogAnchor.senderLogId.selector || selector == LogAnchor.signerLogId.selector;
    }

    // What the tests above say it with

    function expect(bytes4 selector) private {
        vm.expectRevert(abi.encodeWithSelector(selector));
    }

    function anchorAs(address sender, NaiveTree.Tree memory grown, uint64 m, uint64 n) private {
        bytes32[] memory proof = m == 0 ? new bytes32[](0) : grown.proof(m, n);
        bytes32 root = grown.root(n);
        vm.prank(sender);
        anchors.anchor(ORIGIN_HASH, n, root, proof);
    }

    /// @dev The root of `size`, with the proof from m to n.
    function refuseAs(address sender, bytes memory reason, NaiveTree.Tree memory t, uint64 size, uint64 m, uint64 n)
        private
    {
        bytes32[] memory proof = t.proof(m, n);
        bytes32 root = t.root(size);
        vm.prank(sender);
        vm.expectRevert(reason);
        anchors.anchor(ORIGIN_HASH, size, root, proof);
    }

    function sign(uint64 size) private view returns (SignedCheckpoint memory) {
        return anchors.signHash(KEY, ORIGIN_HASH, size, tree.root(size));
    }

    function digestOf(uint64 size, bytes32 root) private view returns (bytes32) {
        return anchors.digest(ORIGIN_HASH, size, root);
    }

    /// @dev `from` is the head that the proof is of. Roots and proofs are made before any cheat code for the next call:
    /// Solidity's `sha256` is a call.
    function anchorSigned(SignedCheckpoint memory signed, uint64 from) private {
        bytes32[] memory proof = from == 0 ? new bytes32[](0) : tree.proof(from, signed.size);
        anchors.anchorSigned(ORIGIN_HASH, signed.size, signed.root, signed.r, signed.vs, proof);
    }

    function refuseSigned(bytes memory reason, SignedCheckpoint memory signed, uint64 from) private {
        bytes32[] memory proof = from == 0 ? new bytes32[](0) : tree.proof(from, signed.size);
        vm.expectRevert(reason);
        anchors.anchorSigned(ORIGIN_HASH, signed.size, signed.root, signed.r, signed.vs, proof);
    }

    /// @dev Both are said to be of the first one's size.
    function report(SignedCheckpoint memory a, SignedCheckpoint memory b) private {
        anchors.reportFork(ORIGIN_HASH, a.size, a.root, a.r, a.vs, b.root, b.r, b.vs);
    }
}
