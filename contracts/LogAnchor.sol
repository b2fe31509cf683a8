// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962} from "./Rfc6962.sol";

/// @title Heads of transparency logs that can only grow, and hashes of single records
/// @author quantum-proof-of-execution
/// @notice Each log has one head here, and it is replaced only by the head of a tree that begins with all of the old one: an
/// RFC 6962 consistency proof is checked as it is anchored. Who forks or rewrites a log cannot anchor the other branch.
///
/// A consistency proof shows that a tree grew, not who grew it: anyone can extend a public tree with leaves of their own, and
/// prove it. So a log belongs to an account, in one of two ways that never meet (`senderLogId`, `signerLogId`): to the
/// sender of `anchor`, or to the key whose signature `anchorSigned` is given, whoever sends it. Nobody else can move it, and
/// anyone may open a log of any origin under their own account, which says nothing about the origin: a verifier has to know
/// the log's id.
/// @dev No owner, no funds, no upgrade, and no calls but to the precompiles ecrecover and SHA-256.
contract LogAnchor {
    /// @notice The newest checkpoint of a log: two slots, however many came before.
    /// @param root the Merkle tree hash of RFC 6962
    /// @param size how many leaves it is over; 0 where nothing was anchored
    /// @param time of the block that anchored it, in seconds since 1970
    /// @param blockNumber what `block.number` said then: on some rollups that of the chain below
    /// @param count how many checkpoints of the log were anchored
    struct Head {
        bytes32 root;
        uint64 size;
        uint64 time;
        uint64 blockNumber;
        uint64 count;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("LogAnchor");
    bytes32 private constant VERSION = keccak256("1");

    /// @dev A string is hashed for its struct (EIP-712, `encodeData`), so `originHash` is its encoding. The type names the
    /// string rather than the hash because the wallet is then given the origin, and shows what is signed.
    bytes32 private constant CHECKPOINT_TYPE = keccak256("Checkpoint(string origin,uint64 size,bytes32 root)");

    /// @dev Half of secp256k1's order. With (r, s) also (r, n - s) would verify.
    uint256 private constant LARGEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint256 private constant OF_SENDER = 0;
    uint256 private constant OF_SIGNER = 1;

    /// @dev time << 160 | submitter
    mapping(bytes32 recordHash => uint256 submission) private _submissions;
    mapping(bytes32 logId => Head newest) private _heads;

    /// @notice Whether the log's key is known to have signed two roots for one size. Its head may still move: this is
    /// evidence, and what follows from it is for the log's readers to say.
    mapping(bytes32 logId => bool isForked) public forked;

    /// @notice A record hash was submitted: for the first time, or again.
    /// @param recordHash what was submitted
    /// @param submitter the sender of this call, not necessarily the first
    /// @param timestamp of this call's block
    event Submitted(bytes32 indexed recordHash, address indexed submitter, uint256 timestamp);

    /// @notice A log's head moved.
    /// @param logId whose log, of which origin
    /// @param size the tree's size
    /// @param root the tree's root
    event Checkpoint(bytes32 indexed logId, uint64 size, bytes32 root);

    /// @notice A log's key signed two roots for one size. The transaction holds both signatures.
    /// @param logId whose log, of which origin
    /// @param size the size both are of
    /// @param rootA one root
    /// @param rootB another
    event Fork(bytes32 indexed logId, uint64 size, bytes32 rootA, bytes32 rootB);

    /// @notice The zero hash is no record's.
    error InvalidHash();

    /// @notice The checkpoint is not larger than the head: it was anchored before, is older, or is another of the same size.
    /// @param size the head's
    error Stale(uint64 size);

    /// @notice The proof does not lead from the head to the checkpoint.
    error Inconsistent();

    /// @notice An empty tree, or a proof for a log's first checkpoint, which there is nothing to be consistent with.
    error BadCheckpoint();

    /// @notice No key signed this, or the signature is not in its one canonical form.
    error BadSignature();

    /// @notice The two checkpoints are one, or of different keys.
    error NotAFork();

    /// @notice Records that the hash was known by now, to the sender: the first who submitted it stays.
    /// @dev A transaction is public before it is mined. Someone else may submit its hash first: the submitter is no
    /// evidence of authorship.
    /// @param recordHash any but zero
    function submit(bytes32 recordHash) external {
        if (recordHash == 0) revert InvalidHash();
        if (_submissions[recordHash] == 0) {
            _submissions[recordHash] = (block.timestamp << 160) | uint160(msg.sender);
        }
        emit Submitted(recordHash, msg.sender, block.timestamp);
    }

    /// @notice Replaces the head of the sender's log of this origin.
    /// @dev Only the sender vouches for the size: see `Rfc6962.verifyConsistency`.
    /// @param originHash keccak256 of the origin line of the log's checkpoints, in UTF-8
    /// @param size the tree's size, larger than the head's
    /// @param root the tree's root
    /// @param proof from the head to this checkpoint; empty for the log's first
    function anchor(bytes32 originHash, uint64 size, bytes32 root, bytes32[] calldata proof) external {
        _advance(senderLogId(msg.sender, originHash), size, root, proof);
    }

    /// @notice Replaces the head of the signer's log of this origin. Anyone may send it: the EIP-712 signature is what counts.
    /// @dev It holds on this chain, for this contract alone. A signature of anything else isn't refused, it is some unknown
    /// key's: the log that moves is nobody's, so a relayer simulates the call first, and looks at the event's log id. Whoever
    /// has the signed checkpoints of a log can anchor one between the head and this one first; this proof is then of another
    /// head and refused, and has to be made again.
    /// @param originHash keccak256 of the origin line of the log's checkpoints, in UTF-8
    /// @param size the tree's size, larger than the head's
    /// @param root the tree's root
    /// @param r of the signature of Checkpoint(origin, size, root)
    /// @param vs the signature's s, with its y parity in the top bit (EIP-2098)
    /// @param proof from the head to this checkpoint; empty for the log's first
    function anchorSigned(
        bytes32 originHash,
        uint64 size,
        bytes32 root,
        bytes32 r,
        bytes32 vs,
        bytes32[] calldata proof
    ) external {
        _advance(signerLogId(_signer(originHash, size, root, r, vs), originHash), size, root, proof);
    }

    /// @notice Keeps the evidence that a key signed two roots for one size of one log. Neither needs to have been anchored.
    /// @dev It cannot be made without the key: a log cannot be slandered.
    /// @param originHash keccak256 of the log's origin
    /// @param size of both checkpoints
    /// @param rootA one checkpoint's root
    /// @param rA of its signature
    /// @param vsA of its signature
    /// @param rootB the other's root
    /// @param rB of its signature
    /// @param vsB of its signature
    function reportFork(
        bytes32 originHash,
        uint64 size,
        bytes32 rootA,
        bytes32 rA,
        bytes32 vsA,
        bytes32 rootB,
        bytes32 rB,
        bytes32 vsB
    ) external {
        address signer = _signer(originHash, size, rootA, rA, vsA);
        if (rootA == rootB || signer != _signer(originHash, size, rootB, rB, vsB)) revert NotAFork();
        bytes32 logId = signerLogId(signer, originHash);
        forked[logId] = true;
        emit Fork(logId, size, rootA, rootB);
    }

    /// @notice Who submitted the hash first.
    /// @param recordHash what was submitted
    /// @return submitter zero where nobody did
    function getSubmitter(bytes32 recordHash) external view returns (address submitter) {
        return address(uint160(_submissions[recordHash]));
    }

    /// @notice When the hash was submitted first.
    /// @param recordHash what was submitted
    /// @return timestamp of the block, in seconds since 1970; 0 where nobody did
    function getTimestamp(bytes32 recordHash) external view returns (uint256 timestamp) {
        return _submissions[recordHash] >> 160;
    }

    /// @notice Whether anyone submitted the hash.
    /// @param recordHash what was submitted
    /// @return submitted whether anyone did
    function exists(bytes32 recordHash) external view returns (bool submitted) {
        return _submissions[recordHash] != 0;
    }

    /// @notice A log's newest checkpoint.
    /// @param logId from `senderLogId` or `signerLogId`
    /// @return newest all zero where nothing was anchored
    function head(bytes32 logId) external view returns (Head memory newest) {
        return _heads[logId];
    }

    /// @notice Whether the leaf is in the tree of the log's head, at this index.
    /// @dev Of the head alone: a path made for a smaller tree of the log no longer leads to its root.
    /// @param logId from `senderLogId` or `signerLogId`
    /// @param index from 0
    /// @param leafHash SHA-256(00 ‖ entry)
    /// @param path the audit path of RFC 9162, section 2.1.3.1
    /// @return included whether it is
    function verifyInclusion(bytes32 logId, uint64 index, bytes32 leafHash, bytes32[] calldata path)
        external
        view
        returns (bool included)
    {
        Head storage newest = _heads[logId];
        return Rfc6962.verifyInclusion(leafHash, index, newest.size, newest.root, path);
    }

    /// @notice The log that `anchor` moves for this sender.
    /// @param sender of the transaction, or the contract that calls this one
    /// @param originHash keccak256 of the log's origin
    /// @return logId keccak256(abi.encode(uint8(0), sender, originHash))
    function senderLogId(address sender, bytes32 originHash) public pure returns (bytes32 logId) {
        return _logId(OF_SENDER, sender, originHash);
    }

    /// @notice The log that `anchorSigned` moves for this key.
    /// @param signer the key's address
    /// @param originHash keccak256 of the log's origin
    /// @return logId keccak256(abi.encode(uint8(1), signer, originHash))
    function signerLogId(address signer, bytes32 originHash) public pure returns (bytes32 logId) {
        return _logId(OF_SIGNER, signer, originHash);
    }

    /// @notice Replaces a log's head, if the checkpoint extends it. Who may is the caller's to know.
    /// @param logId the log
    /// @param size the new tree's size
    /// @param root the new tree's root
    /// @param proof from the head to the new tree
    function _advance(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata proof) private {
        Head storage newest = _heads[logId];
        uint256 state;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            state := sload(add(newest.slot, 1))
        }
        uint256 oldSize = uint64(state);
        if (size == 0) revert BadCheckpoint();
        if (oldSize == 0) {
            if (proof.length != 0) revert BadCheckpoint();
        } else {
            if (size <= oldSize) revert Stale(uint64(oldSize));
            if (!Rfc6962.verifyConsistency(oldSize, newest.root, size, root, proof)) revert Inconsistent();
        }
        newest.root = root;
        // The four numbers in one write, as `Head` packs them: the first in the lowest bits.
        unchecked {
            state = uint256(size) | (block.timestamp << 64) | (block.number << 128) | (((state >> 192) + 1) << 192);
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(add(newest.slot, 1), state)
        }
        emit Checkpoint(logId, size, root);
    }

    /// @notice Who signed the checkpoint.
    /// @param originHash keccak256 of its origin
    /// @param size its size
    /// @param root its root
    /// @param r of the signature
    /// @param vs of the signature (EIP-2098)
    /// @return signer never zero, which `ecrecover` answers where there is none
    function _signer(bytes32 originHash, uint64 size, bytes32 root, bytes32 r, bytes32 vs)
        private
        view
        returns (address signer)
    {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > LARGEST_S) revert BadSignature();
        signer = ecrecover(_digest(originHash, size, root), uint8((uint256(vs) >> 255) + 27), r, bytes32(s));
        if (signer == address(0)) revert BadSignature();
    }

    /// @notice What EIP-712 has signed.
    /// @dev The chain's id is read each time: after a chain splits, a constant one would let the
    /// signatures of either side count on the other.
    /// @param originHash keccak256 of the origin
    /// @param size the tree's size
    /// @param root the tree's root
    /// @return digest that `ecrecover` takes
    function _digest(bytes32 originHash, uint64 size, bytes32 root) private view returns (bytes32 digest) {
        (bytes32 domainType, bytes32 name, bytes32 version) = (DOMAIN_TYPE, NAME, VERSION);
        (bytes32 checkpointType, uint256 sizeWord) = (CHECKPOINT_TYPE, size);
        // As abi.encode and abi.encodePacked lay it out, one after another in the same memory.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, domainType)
            mstore(add(words, 0x20), name)
            mstore(add(words, 0x40), version)
            mstore(add(words, 0x60), chainid())
            mstore(add(words, 0x80), address())
            let domain := keccak256(words, 0xa0)
            mstore(words, checkpointType)
            mstore(add(words, 0x20), originHash)
            mstore(add(words, 0x40), sizeWord)
            mstore(add(words, 0x60), root)
            let checkpoint := keccak256(words, 0x80)
            mstore(words, 0x1901) // its two bytes at the end of this word
            mstore(add(words, 0x20), domain)
            mstore(add(words, 0x40), checkpoint)
            digest := keccak256(add(words, 0x1e), 0x42)
        }
    }

    /// @notice A log's id.
    /// @dev The kind is hashed in, so that no log of a sender is one of a signer.
    /// @param kind OF_SENDER or OF_SIGNER
    /// @param account the sender or signer
    /// @param originHash keccak256 of the origin
    /// @return logId of the account's log
    function _logId(uint256 kind, address account, bytes32 originHash) private pure returns (bytes32 logId) {
        uint256 accountWord = uint160(account);
        // keccak256(abi.encode(kind, account, originHash)), without the copy
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, kind)
            mstore(add(words, 0x20), accountWord)
            mstore(add(words, 0x40), originHash)
            logId := keccak256(words, 0x60)
        }
    }
}
