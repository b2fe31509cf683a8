// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogAnchor} from "../LogAnchor.sol";
import {NaiveTree} from "./NaiveTree.sol";
import {SignedCheckpoint, Signing} from "./Signing.sol";
import {vm} from "./Vm.sol";

/// @dev Three senders and three signers, each with a log of either of two origins, and what anyone may try of them. It keeps
/// what the contract should hold. All logs of an origin grow along one tree, as if each stranger copied it.
contract Actors {
    using NaiveTree for NaiveTree.Tree;
    using Signing for LogAnchor;

    uint256 private constant ACTORS = 3;

    LogAnchor public immutable anchors;

    /// @dev What was anchored, newest last.
    struct Log {
        uint64[] sizes;
        bytes32[] roots;
        bool forked;
    }

    mapping(bytes32 logId => Log) private logs;
    bytes32[] public logIds;
    mapping(bytes32 recordHash => address) public firstSubmitter;
    bytes32[] public recordHashes;
    SignedCheckpoint[] private published;
    uint256[2][] private publishedBy;
    uint256 public accepted;
    uint256 public refused;

    constructor(LogAnchor a) {
        anchors = a;
        for (uint256 actor = 0; actor < ACTORS; actor++) {
            for (uint256 origin = 0; origin < 2; origin++) {
                logIds.push(a.senderLogId(senderOf(actor), originOf(origin)));
                logIds.push(a.signerLogId(vm.addr(keyOf(actor)), originOf(origin)));
            }
        }
    }

    // What holds

    function sizesOf(bytes32 id) external view returns (uint64[] memory) {
        return logs[id].sizes;
    }

    function rootsOf(bytes32 id) external view returns (bytes32[] memory) {
        return logs[id].roots;
    }

    function forkedOf(bytes32 id) external view returns (bool) {
        return logs[id].forked;
    }

    function logCount() external view returns (uint256) {
        return logIds.length;
    }

    function recordCount() external view returns (uint256) {
        return recordHashes.length;
    }

    // What anyone may do

    function anchor(uint256 actor, uint256 origin, uint64 growth) external {
        bytes32 id = anchors.senderLogId(senderOf(actor), originOf(origin));
        (uint64 m, uint64 n) = next(id, growth);
        if (n == m) return;
        (bytes32 root, bytes32[] memory proof) = grow(origin, m, n);
        vm.prank(senderOf(actor));
        anchors.anchor(originOf(origin), n, root, proof);
        keep(id, n, root);
    }

    function anchorSigned(uint256 relayer, uint256 actor, uint256 origin, uint64 growth) external {
        bytes32 id = anchors.signerLogId(vm.addr(keyOf(actor)), originOf(origin));
        (uint64 m, uint64 n) = next(id, growth);
        if (n == m) return;
        (bytes32 root, bytes32[] memory proof) = grow(origin, m, n);
        SignedCheckpoint memory signed = anchors.signHash(keyOf(actor), originOf(origin), n, root);
        published.push(signed);
        publishedBy.push([actor, origin]);
        vm.prank(senderOf(relayer));
        anchors.anchorSigned(originOf(origin), n, root, signed.r, signed.vs, proof);
        keep(id, n, root);
    }

    function submit(uint256 actor, uint8 hash) external {
        bytes32 recordHash = keccak256(abi.encode(hash));
        if (firstSubmitter[recordHash] == address(0)) {
            firstSubmitter[recordHash] = senderOf(actor);
            recordHashes.push(recordHash);
        }
        vm.prank(senderOf(actor));
        anchors.submit(recordHash);
    }

    function fork(uint256 actor, uint256 origin, uint64 size, bytes32 rootA, bytes32 rootB) external {
        if (rootA == rootB) return;
        SignedCheckpoint memory a = anchors.signHash(keyOf(actor), originOf(origin), size, rootA);
        SignedCheckpoint memory b = anchors.signHash(keyOf(actor), originOf(origin), size, rootB);
        anchors.reportFork(originOf(origin), size, rootA, a.r, a.vs, rootB, b.r, b.vs);
        logs[anchors.signerLogId(vm.addr(keyOf(actor)), originOf(origin))].forked = true;
    }

    // What nobody may

    /// @dev A log's own account, on another branch: the right proof shape, other leaves.
    function rewrite(uint256 actor, uint256 origin, uint64 growth, bytes32 seed) external {
        bytes32 id = anchors.senderLogId(senderOf(actor), originOf(origin));
        (uint64 m, uint64 n) = next(id, growth);
        if (m == 0 || n == m) return;
        NaiveTree.Tree memory branch = NaiveTree.Tree(seed, false, m - 1);
        refuse(senderOf(actor), origin, n, branch.root(n), branch.proof(m, n));
    }

    function rollBack(uint256 actor, uint256 origin, uint64 back) external {
        uint64 m = anchors.head(anchors.senderLogId(senderOf(actor), originOf(origin))).size;
        if (m == 0) return;
        uint64 n = m - (back % m);
        (bytes32 root, bytes32[] memory proof) = (treeOf(origin).root(n), treeOf(origin).proof(n, m));
        refuse(senderOf(actor), origin, n, root, proof);
    }

    function anchorAnything(uint256 actor, uint256 origin, uint64 size, bytes32 root, bytes32[] calldata proof)
        external
    {
        bytes32 id = anchors.senderLogId(senderOf(actor), originOf(origin));
        if (logs[id].sizes.length == 0 && proof.length == 0 && size != 0) return;
        refuse(senderOf(actor), origin, size, root, proof);
    }

    /// @dev Anything that was signed, by anyone, with the best proof there is.
    function replay(uint256 relayer, uint256 pick) external {
        if (published.length == 0) return;
        SignedCheckpoint memory signed = published[pick % published.length];
        uint256[2] memory by = publishedBy[pick % published.length];
        vm.prank(senderOf(relayer));
        try anchors.anchorSigned(
            originOf(by[1]), signed.size, signed.root, signed.r, signed.vs, new bytes32[](0)
        ) {
            revert("a replay was accepted");
        } catch {
            refused++;
        }
    }

    /// @dev A published signature for another size, root or origin moves no log of anyone here.
    function forge(uint256 pick, uint256 origin, uint64 size, bytes32 root, bool flip) external {
        if (published.length == 0) return;
        SignedCheckpoint memory signed = published[pick % published.length];
        bytes32 vs = flip ? signed.vs ^ bytes32(uint256(1 << 255)) : signed.vs;
        if (!flip && size == signed.size && root == signed.root) return;
        try anchors.anchorSigned(originOf(origin), size, root, signed.r, vs, new bytes32[](0)) {} catch {}
    }

    function slander(uint256 pick, uint64 size, bytes32 rootB, bytes32 rB, bytes32 vsB) external {
        if (published.length == 0) return;
        SignedCheckpoint memory a = published[pick % published.length];
        uint256[2] memory by = publishedBy[pick % published.length];
        try anchors.reportFork(originOf(by[1]), size, a.root, a.r, a.vs, rootB, rB, vsB) {
            revert("slandered");
        } catch {
            refused++;
        }
    }

    function pay(uint64 amount, bytes calldata data) external {
        vm.deal(address(this), uint256(amount) + 1);
        (bool paid,) = address(anchors).call{value: uint256(amount) + 1}(data);
        require(!paid, "took money");
    }

    function refuse(address sender, uint256 origin, uint64 size, bytes32 root, bytes32[] memory proof) private {
        vm.prank(sender);
        try anchors.anchor(originOf(origin), size, root, proof) {
            revert("accepted");
        } catch {
            refused++;
        }
    }

    /// @dev From the head to a size beyond it, near or far.
    function next(bytes32 id, uint64 growth) private view returns (uint64 m, uint64 n) {
        uint64[] storage sizes = logs[id].sizes;
        m = sizes.length == 0 ? 0 : sizes[sizes.length - 1];
        uint64 room = type(uint64).max - m;
        uint64 by = 1 + (growth >> (growth % 64));
        n = by <= room ? m + by : m + (room > 0 ? 1 : 0);
    }

    function grow(uint256 origin, uint64 m, uint64 n) private pure returns (bytes32 root, bytes32[] memory proof) {
        NaiveTree.Tree memory tree = treeOf(origin);
        return (tree.root(n), m == 0 ? new bytes32[](0) : tree.proof(m, n));
    }

    function keep(bytes32 id, uint64 size, bytes32 root) private {
        logs[id].sizes.push(size);
        logs[id].roots.push(root);
        accepted++;
    }

    function senderOf(uint256 actor) private pure returns (address) {
        return vm.addr(keyOf(actor));
    }

    /// @dev Its address is also the sender's: nothing keeps their logs apart but their ids.
    function keyOf(uint256 actor) private pure returns (uint256) {
        return 1 + (actor % ACTORS);
    }

    function originOf(uint256 origin) private pure returns (bytes32) {
        return origin % 2 == 0 ? keccak256("example.org/a") : keccak256("example.org/b");
    }

    function treeOf(uint256 origin) public pure returns (NaiveTree.Tree memory) {
        return NaiveTree.Tree(originOf(origin), false, 5);
    }
}

contract LogAnchorInvariants {
    using NaiveTree for NaiveTree.Tree;

    LogAnchor private anchors = new LogAnchor();
    Actors private actors = new Actors(anchors);

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    /// @dev In one campaign: each `invariant_` function would have one of its own.
    function invariant_whatOneAccountDoesMovesNoOthersLog() external view {
        for (uint256 i = 0; i < actors.logCount(); i++) checkHead(actors.logIds(i));
        for (uint256 i = 0; i < actors.recordCount(); i++) {
            bytes32 hash = actors.recordHashes(i);
            require(anchors.getSubmitter(hash) == actors.firstSubmitter(hash), "the first submitter stays");
        }
        require(address(anchors).balance == 0, "it holds no money");
    }

    /// @dev After each run: every head there was begins the newest.
    function afterInvariant() external view {
        for (uint256 i = 0; i < actors.logCount(); i++) {
            // logIds has a sender's and a signer's of each origin in turn.
            NaiveTree.Tree memory tree = actors.treeOf((i / 2) % 2);
            bytes32 id = actors.logIds(i);
            uint64[] memory sizes = actors.sizesOf(id);
            LogAnchor.Head memory head = anchors.head(id);
            for (uint256 j = 0; j + 1 < sizes.length; j++) {
                bytes32 older = actors.rootsOf(id)[j];
                bytes32[] memory proof = tree.proof(sizes[j], head.size);
                require(NaiveTree.consistent(sizes[j], older, head.size, head.root, proof), "an old head is forgotten");
            }
        }
    }

    /// @dev The head is what the log's own account anchored last, and nothing that was refused left a trace.
    function checkHead(bytes32 id) private view {
        uint64[] memory sizes = actors.sizesOf(id);
        LogAnchor.Head memory head = anchors.head(id);
        require(head.count == sizes.length, "count");
        require(anchors.forked(id) == actors.forkedOf(id), "forked");
        for (uint256 j = 0; j + 1 < sizes.length; j++) require(sizes[j] < sizes[j + 1], "it only grows");
        if (sizes.length == 0) require(head.size == 0 && head.root == 0 && head.time == 0, "not anchored");
        else require(head.size == sizes[sizes.length - 1], "size");
        if (sizes.length > 0) require(head.root == actors.rootsOf(id)[sizes.length - 1], "root");
    }
}
