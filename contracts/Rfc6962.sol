// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The Merkle proofs of RFC 6962 and RFC 9162, over the SHA-256 precompile
/// @author quantum-proof-of-execution
/// @notice node = SHA-256(01 ‖ left ‖ right). Both functions follow the RFC's algorithms step by step, on `fn` and `sn`: the
/// node that is climbed from, and the last node of its level.
/// @dev What the two have in common, for whoever reviews the assembly:
///  - A node is hashed where it lies: the prefix 01 at 0x1f, left at 0x20, right at 0x40, 65 bytes in all. 0x40 is
///    Solidity's free memory pointer, which is put back at the end; nothing between reads it or reverts.
///  - `sn` alone ends the loops, after as many steps as it has bits. A proof that is too short is read beyond its end, where
///    there is other calldata or zeros, and one that is too long is not read to its end: neither arrives exactly at its end.
///  - Every precompile call must succeed and return 32 bytes. On a chain without the precompile, a call to its empty account
///    succeeds, returns nothing, and would leave in place what the caller had put there. `and` evaluates its second
///    argument first: `returndatasize` is that of the call.
///  - To shift a number right beyond its lowest one bit, it is divided by twice that bit: no loop.
///  - Sizes are whole words: Solidity promises nothing of what is above the 64 bits of a uint64 in assembly.
library Rfc6962 {
    /// @notice Whether the tree of `n` leaves begins with all of the tree of `m` (RFC 9162, section 2.1.4.2).
    /// @dev The proof binds the roots, and only loosely the sizes: `n` and `n + 1` often need proofs of one shape. Whoever
    /// vouches for `newRoot` has to vouch for `n` with it.
    /// @param m the old tree's size
    /// @param oldRoot the old tree's root
    /// @param n the new tree's size
    /// @param newRoot the new tree's root
    /// @param proof the hashes, in the RFC's order
    /// @return consistent false also unless 0 < m < n
    function verifyConsistency(uint256 m, bytes32 oldRoot, uint256 n, bytes32 newRoot, bytes32[] calldata proof)
        internal
        view
        returns (bool consistent)
    {
        if (m == 0 || m >= n) return false;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let older := mload(0x40) // 01 ‖ sibling ‖ old hash, which is a right child whenever it is hashed
            let olderRight := add(older, 33)
            mstore8(older, 1)
            mstore(0, 1) // the prefix at 0x1f
            let next := proof.offset
            // The trailing ones of m - 1 are the trailing zeros of m.
            let width := and(m, sub(0, m))
            let fn := div(sub(m, 1), width)
            let sn := div(sub(n, 1), width)
            // A complete old tree is a subtree of the new one, and its root is known: the proof leaves it out.
            mstore(olderRight, oldRoot)
            if fn {
                mstore(olderRight, calldataload(next))
                next := add(next, 32)
            }
            mstore(0x40, mload(olderRight)) // the new hash, in the right child's place
            consistent := 1
            for {} fn {} {
                let sibling := calldataload(next)
                next := add(next, 32)
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(0x20, mload(0x40))
                    mstore(0x40, sibling)
                    fn := shr(1, fn)
                    sn := shr(1, sn)
                }
                default {
                    mstore(add(older, 1), sibling)
                    consistent :=
                        and(
                            consistent,
                            and(eq(returndatasize(), 32), staticcall(gas(), 2, older, 65, olderRight, 32))
                        )
                    mstore(0x20, sibling)
                    // fn is odd, or equal to sn, of which it is at most: not 0 here.
                    width := shl(1, and(fn, sub(0, fn)))
                    fn := div(fn, width)
                    sn := div(sn, width)
                }
                consistent :=
                    and(consistent, and(eq(returndatasize(), 32), staticcall(gas(), 2, 0x1f, 65, 0x40, 32)))
            }
            // From a leftmost node on there are only siblings on the right, beyond the old tree.
            mstore(0x20, mload(0x40))
            for {} sn { sn := shr(1, sn) } {
                mstore(0x40, calldataload(next))
                next := add(next, 32)
                consistent :=
                    and(consistent, and(eq(returndatasize(), 32), staticcall(gas(), 2, 0x1f, 65, 0x20, 32)))
            }
            consistent := and(consistent, eq(next, add(proof.offset, shl(5, proof.length))))
            consistent := and(consistent, and(eq(mload(olderRight), oldRoot), eq(mload(0x20), newRoot)))
            mstore(0x40, older)
        }
    }

    /// @notice Whether the leaf is in the tree, at this index (RFC 9162, section 2.1.3.2).
    /// @dev Give it leaf hashes, never entries of a caller's choice: an entry of 64 bytes, unhashed, could be an inner node.
    /// @param leafHash SHA-256(00 ‖ entry)
    /// @param index from 0
    /// @param size the tree's size
    /// @param root the tree's root
    /// @param path the hashes, from the leaf's sibling up
    /// @return included false also unless index < size
    function verifyInclusion(bytes32 leafHash, uint256 index, uint256 size, bytes32 root, bytes32[] calldata path)
        internal
        view
        returns (bool included)
    {
        if (index >= size) return false;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0, 1) // the prefix at 0x1f
            mstore(0x40, leafHash)
            let next := path.offset
            let fn := index
            let sn := sub(size, 1)
            included := 1
            for {} sn {} {
                let sibling := calldataload(next)
                next := add(next, 32)
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(0x20, mload(0x40))
                    mstore(0x40, sibling)
                    fn := shr(1, fn)
                    sn := shr(1, sn)
                }
                default {
                    mstore(0x20, sibling)
                    let width := shl(1, and(fn, sub(0, fn)))
                    fn := div(fn, width)
                    sn := div(sn, width)
                }
                included := and(included, and(eq(returndatasize(), 32), staticcall(gas(), 2, 0x1f, 65, 0x40, 32)))
            }
            included := and(included, eq(next, add(path.offset, shl(5, path.length))))
            included := and(included, eq(mload(0x40), root))
            mstore(0x40, free)
        }
    }
}
